//! Measures the costs of memory management on this machine: rows Q1 to Q5 of the requirements, each
//! with its definition.
//!
//! ```text
//! recording      Q1  the cost that recording events adds to an allocation
//! demand_zero    Q2  the cost of the first touch of a page
//! fragmentation  Q3  the share of the free heap that is unusable after a stress test
//! metadata       Q4  the size of the allocators' metadata
//! stress         Q5  whether stress tests leak, and whether memory keeps its content
//! ```
//! The shell's `memtest` and `fragtest` and the self-test run the same functions. A counted figure
//! that violates its requirement is an error. A timed figure is only logged, because it depends on
//! the host.

pub mod demand_zero;
pub mod fragmentation;
pub mod metadata;
pub mod recording;
pub mod stress;

use crate::machine::clock;
use core::arch::asm;
use core::fmt;
use x86_64::instructions::interrupts::without_interrupts;

/// Makes the dashboard read the recorded events. A measurement calls it often enough to lose none.
pub type Drain<'d> = &'d mut dyn FnMut();

/// A violated requirement, in words.
#[derive(Clone, Debug)]
pub struct Violation(heapless::String<112>);

impl Violation {
    fn new(reason: fmt::Arguments<'_>) -> Violation {
        let mut text = heapless::String::new();
        // Text that does not fit is cut; its beginning is enough.
        let _ = fmt::write(&mut text, reason);
        Violation(text)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Converts these errors of the allocators to violations.
macro_rules! violation_from {
    ($($error:ty),*) => {
        $(impl From<$error> for Violation {
            fn from(error: $error) -> Violation {
                Violation::new(format_args!("{error}"))
            }
        })*
    };
}
violation_from!(
    mm::frame::AllocateError,
    mm::frame::FreeError,
    crate::memory::heap::kmalloc::KmallocError,
    crate::memory::heap::kmalloc::KfreeError
);

/// Runs `part` without interrupts and returns the ticks of the time-stamp counter that it took.
fn ticks(part: impl FnOnce()) -> u64 {
    without_interrupts(|| {
        let begin = clock::ticks();
        part();
        clock::ticks() - begin
    })
}

/// Logs a cost for programs: the host tool's `bench` reads such lines.
fn cost(name: &str, ticks: u64) {
    log::info!(target: "memviz", "cost {name} {ticks}");
}

/// The unit of a tick of the time-stamp counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One guest instruction: QEMU counts instructions as time.
    Instructions,
    /// Another unit: real time.
    Ticks,
}

impl Unit {
    /// Finds the unit: counts the ticks of a known number of instructions.
    pub fn find() -> Unit {
        const TURNS: u64 = 10_000;
        const INSTRUCTIONS: u64 = 2 * TURNS;
        // SAFETY: the loop only decrements a register.
        let spin = || unsafe {
            asm!("2:", "dec {turns}", "jnz 2b", turns = inout(reg) TURNS => _, options(nomem, nostack));
        };
        let fewest = (0..4).map(|_| ticks(spin)).min().unwrap_or_default();
        if fewest.abs_diff(INSTRUCTIONS) < INSTRUCTIONS / 100 {
            Unit::Instructions
        } else {
            Unit::Ticks
        }
    }

    /// The unit in words.
    pub const fn words(self) -> &'static str {
        match self {
            Unit::Instructions => "instructions",
            Unit::Ticks => "ticks",
        }
    }
}

/// A share, which formats itself in percent with two decimals.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    /// The share in hundredths of a percent.
    fn basis_points(self) -> u64 {
        (u128::from(self.part) * 10_000 / u128::from(self.whole.max(1))) as u64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.basis_points();
        write!(f, "{}.{:02} %", points / 100, points % 100)
    }
}

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
