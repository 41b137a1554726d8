//! Builds the kernel by cargo, and what is made from its ELF: symbols, the stripped image.
//!
//! It knows cargo and files, and nothing of machines.

mod kernel;
mod strip;
mod symbols;
mod workspace;

pub use kernel::{Kernel, enhancements, kernel, kernel_with, only};
pub use strip::strip;
pub use workspace::{TARGET, cargo, root, run_cargo, run_quietly, target};
