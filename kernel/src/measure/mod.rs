//! What memory management costs on this machine, measured: rows Q1 to Q5 of the requirements, each
//! with its definition.
//!
//! ```text
//! recording      Q1  what recording an event adds to an allocation
//! demand_zero    Q2  what the first touch of a page costs
//! fragmentation  Q3  how much of the free heap is of no use after a stress test
//! metadata       Q4  what the allocators keep beside the memory that they describe
//! stress         Q5  whether everything that was taken comes back, and holds what was written to it
//! ```
//! `memtest` and `fragtest` in the shell and the self-test run the same functions. What is counted
//! must hold; what is timed is only told, because the machine below may be anything.

pub mod demand_zero;
pub mod fragmentation;
pub mod metadata;
pub mod recording;
pub mod stress;

use crate::machine::clock;
use core::arch::asm;
use core::fmt;
use x86_64::instructions::interrupts::without_interrupts;

/// A measurement lets the dashboard take the events so far by calling this, so that none is lost.
pub type Breathe<'b> = &'b mut dyn FnMut();

/// Something that must hold does not.
#[derive(Clone, Debug)]
pub struct Broken(heapless::String<112>);

impl Broken {
    fn new(why: fmt::Arguments<'_>) -> Broken {
        let mut text = heapless::String::new();
        // What does not fit is cut; the beginning says enough.
        let _ = fmt::write(&mut text, why);
        Broken(text)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every allocator's refusal breaks a measurement.
macro_rules! broken_by {
    ($($error:ty),*) => {
        $(impl From<$error> for Broken {
            fn from(error: $error) -> Broken {
                Broken::new(format_args!("{error}"))
            }
        })*
    };
}
broken_by!(
    mm::frame::AllocateError,
    mm::frame::FreeError,
    crate::memory::heap::kmalloc::KmallocError,
    crate::memory::heap::kmalloc::KfreeError
);

/// Runs `part` undisturbed: how many ticks of the time-stamp counter it took.
fn ticks(part: impl FnOnce()) -> u64 {
    without_interrupts(|| {
        let begin = clock::ticks();
        part();
        clock::ticks() - begin
    })
}

/// Tells a cost to programs: `bench` of the host tool reads such lines.
fn cost(name: &str, ticks: u64) {
    log::info!(target: "memviz", "cost {name} {ticks}");
}

/// What a tick is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One instruction: the machine is QEMU, counting instructions.
    Instructions,
    /// A tick of the counter.
    Ticks,
}

impl Unit {
    /// Runs instructions whose number is known.
    pub fn find() -> Unit {
        const TURNS: u64 = 10_000;
        const INSTRUCTIONS: u64 = 2 * TURNS;
        // SAFETY: counts a register down.
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

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Unit::Instructions => "instructions",
            Unit::Ticks => "ticks",
        }
    }
}

/// A share in percent, with two decimals.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    /// Hundredths of a percent.
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

/// All of `memtest`: the lines go to the log. `Err` when something that must hold does not.
pub fn memtest(breathe: Breathe<'_>) -> Result<(), Broken> {
    let unit = Unit::find();
    recording::measure(unit, breathe)?;
    demand_zero::measure(unit, breathe)?;
    metadata::measure()?;
    stress::measure(breathe)
}
