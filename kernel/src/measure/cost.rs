//! Costs in ticks of the time-stamp counter, and the unit of a tick.

use crate::machine::clock;
use core::arch::asm;
use x86_64::instructions::interrupts::without_interrupts;

/// Makes the dashboard read the recorded events. A measurement calls it often enough to lose none.
pub type Drain<'d> = &'d mut dyn FnMut();

/// Runs `part` without interrupts and returns the ticks of the time-stamp counter that it took.
pub fn ticks(part: impl FnOnce()) -> u64 {
    without_interrupts(|| {
        let begin = clock::ticks();
        part();
        clock::ticks() - begin
    })
}

/// Logs a cost for programs: the host tool's `bench` reads such lines.
pub fn cost(name: &str, ticks: u64) {
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

    /// Returns the unit in words.
    pub const fn words(self) -> &'static str {
        match self {
            Unit::Instructions => "instructions",
            Unit::Ticks => "ticks",
        }
    }
}
