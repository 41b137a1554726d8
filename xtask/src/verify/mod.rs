//! Checks that take minutes to hours: fuzzing, loom, Miri, mutants, a day of guest time.
//!
//! ```text
//! nightly   the nightly compiler and cargo's subcommands
//! fuzz      any input        loom      every interleaving       miri   undefined behaviour
//! mutants   changes that no test notices               soak   loss, mismatch, growth
//! churn     pages that leave their frames and come back changed
//! ```
//! Most need a tool that the other commands do not need. If it is missing, the message says how to
//! install it.

mod churn;
mod fuzz;
mod loom;
mod miri;
mod mutants;
mod nightly;
mod soak;

pub use churn::churn;
pub use fuzz::fuzz;
pub use loom::loom;
pub use miri::miri;
pub use mutants::mutants;
pub use soak::soak;
