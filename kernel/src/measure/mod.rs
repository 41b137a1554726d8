//! Measures the costs of memory management on this machine: rows Q1 to Q5 of the requirements, each
//! with its definition.
//!
//! ```text
//! recording      Q1  the cost that recording events adds to an allocation
//! demand_zero    Q2  the cost of the first touch of a page
//! fragmentation  Q3  the share of the free heap that is unusable after a stress test
//! metadata       Q4  the size of the allocators' metadata
//! stress         Q5  whether stress tests leak, and whether memory keeps its content
//! paging_out         the costs of choosing a victim, and of a fault that reads a page back
//! ```
//! The shell's `memtest` and `fragtest` and the self-test run the same functions. A counted figure
//! that violates its requirement is an error. A timed figure is only logged, because it depends on
//! the host.

pub mod cost;
pub mod demand_zero;
pub mod fragmentation;
pub mod metadata;
pub mod paging_out;
pub mod recording;
mod share;
pub mod stress;
pub mod violation;

use cost::{Drain, Unit};
use violation::Violation;

/// Runs all of `memtest`, and logs its figures.
///
/// # Errors
/// A counted figure violates its requirement.
pub fn memtest(drain: Drain<'_>) -> Result<(), Violation> {
    let unit = Unit::find();
    recording::measure(unit, drain)?;
    demand_zero::measure(unit, drain)?;
    metadata::measure()?;
    stress::measure(drain)
}
