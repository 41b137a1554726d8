//! The type of a test, and the helpers that all tests share.

use crate::interrupts::page_fault;
use crate::machine::clock;
use crate::machine::cpu::{self, Features};
use crate::measure::cost::Unit;
use crate::memory::swap;
use crate::process;
use core::fmt;

/// How often [`with_turns`] runs a test.
const ATTEMPTS: usize = 5;

/// The reason why a test did not pass.
pub enum Failure {
    /// A check failed.
    Failed(heapless::String<112>),
    /// The machine lacks what the test needs.
    Skipped(heapless::String<112>),
}

impl Failure {
    pub fn new(reason: fmt::Arguments<'_>) -> Failure {
        Failure::Failed(Failure::text(reason))
    }

    pub fn skipped(reason: fmt::Arguments<'_>) -> Failure {
        Failure::Skipped(Failure::text(reason))
    }

    fn text(reason: fmt::Arguments<'_>) -> heapless::String<112> {
        let mut text = heapless::String::new();
        // Text that does not fit is cut; its beginning is enough.
        let _ = fmt::write(&mut text, reason);
        text
    }

    /// Returns the reason in words.
    pub fn why(&self) -> &str {
        let (Failure::Failed(why) | Failure::Skipped(why)) = self;
        why
    }
}

/// Skips the test, unless the CPU has these features.
pub fn needs(features: Features) -> Outcome {
    let missing = features - cpu::features();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::skipped(format_args!("no {missing}"))),
    }
}

/// Skips the test, unless pages can leave their frames.
pub fn needs_swap() -> Outcome {
    match swap::is_on() {
        true => Ok(()),
        false => Err(Failure::skipped(format_args!("swap is off"))),
    }
}

/// Skips the test, unless the timer interrupts the CPU.
pub fn needs_timer() -> Outcome {
    match clock::has_tick() {
        true => Ok(()),
        false => Err(Failure::skipped(format_args!("no timer interrupt"))),
    }
}

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::new(format_args!("{error}"))
    }
}

/// The result of a test.
pub type Outcome = Result<(), Failure>;

/// A test: its name, and the function that runs it.
pub struct Test {
    pub name: &'static str,
    pub run: fn() -> Outcome,
}

/// Returns a failure with this reason unless the condition holds.
macro_rules! check {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err($crate::selftest::test::Failure::new(format_args!($($why)+)));
        }
    };
}
pub(super) use check;

/// Runs a test in which a process must get the CPU for a turn. With real time, a host that stalls
/// the machine can take the turn away, so the test has [`ATTEMPTS`]. Where instructions count as
/// time, it has one.
pub fn with_turns(test: impl Fn() -> Outcome) -> Outcome {
    let mut outcome = test();
    for _ in 1..ATTEMPTS {
        let Err(Failure::Failed(why)) = &outcome else {
            break;
        };
        if Unit::find() == Unit::Instructions {
            break;
        }
        log::info!("  again, because the host may have stalled the machine: {why}");
        process::kill_all();
        outcome = test();
    }
    outcome
}

/// Converts a violated invariant to a failure.
pub fn broken(violation: impl fmt::Debug) -> Failure {
    Failure::new(format_args!("{violation:?}"))
}

/// Counts the page faults that a part of a test causes.
pub fn count_faults(part: impl FnOnce()) -> u64 {
    let before = page_fault::count();
    part();
    page_fault::count() - before
}
