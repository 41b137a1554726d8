//! Builds the kernel with cargo, and makes the symbol file and the stripped image from its ELF.
//!
//! It uses cargo and files. It uses no machine.

mod kernel;
mod strip;
mod symbols;
mod workspace;

pub use kernel::{Kernel, enhancements, kernel, kernel_with, only, quick_kernel_with};
pub use strip::strip;
pub use workspace::{TARGET, cargo, root, run_cargo, run_quietly, target};
