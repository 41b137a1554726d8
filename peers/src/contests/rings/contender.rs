//! What a ring must do to take part, its check, and the rows.

use crate::contest::{Row, Unit, Work};
use std::hint::black_box;
use std::time::Instant;

/// Events of a ring.
pub const CAPACITY: usize = 1 << 14;
/// Events of a sample.
const OPERATIONS: u64 = 100_000;

/// A ring that overwrites its oldest events.
pub trait RingContender {
    /// Its name, with the version of a peer.
    const NAME: &'static str;
    /// True if other code may read while an event is written, and never gets a torn one.
    const IS_SHARED: bool;

    /// Creates an empty ring of [`CAPACITY`] events.
    fn new() -> Self;
    /// Records the event with this number at this time.
    fn push(&mut self, number: u64, time: impl FnOnce() -> u64);
    /// Reads all events, the oldest first, and checks that each is whole.
    fn drain(&mut self) -> Result<Vec<u64>, String>;
}

/// The words of an event after its time, all of which follow from its number.
#[inline(always)]
pub fn words(number: u64) -> [u64; 3] {
    [number & 0xff, number << 12, number]
}

/// The number of an event with these words, if they belong together.
pub fn number([time, rest @ ..]: [u64; 4]) -> Result<u64, String> {
    let [.., number] = rest;
    match time == number && rest == words(number) {
        true => Ok(number),
        false => Err(format!("a torn event: {rest:x?} at {time}")),
    }
}

const fn row(name: &'static str, work: &'static str) -> Row {
    Row {
        name,
        work,
        unit: Unit::Nanoseconds,
    }
}

/// All rows.
pub const ROWS: [Row; 3] = [
    row("shared", "record an event; other code may read meanwhile"),
    row("alone", "the same, with peers that no other code may read"),
    row(
        "stamped",
        "the same, with the time-stamp counter as its time",
    ),
];

/// Prepares a row.
pub fn prepare<R: RingContender + 'static>(row: &str) -> Option<Work> {
    let mut ring = R::new();
    match row {
        "shared" if R::IS_SHARED => Some(Box::new(move || {
            timed(|number| ring.push(number, || number))
        })),
        "alone" => Some(Box::new(move || {
            timed(|number| ring.push(number, || number))
        })),
        "stamped" => Some(Box::new(move || {
            // SAFETY: the instruction has no preconditions.
            let time = || unsafe { std::arch::x86_64::_rdtsc() };
            timed(|number| ring.push(number, time))
        })),
        _ => None,
    }
}

/// Nanoseconds an event.
fn timed(mut push: impl FnMut(u64)) -> f64 {
    let start = Instant::now();
    for number in 0..OPERATIONS {
        push(black_box(number));
    }
    start.elapsed().as_nanos() as f64 / OPERATIONS as f64
}

/// Records more events than fit, and expects the newest ones, whole and in order.
pub fn check<R: RingContender>() -> Result<(), String> {
    let mut ring = R::new();
    for count in [1_000, 3 * CAPACITY as u64 + 77] {
        for number in 1..=count {
            ring.push(number, || number);
        }
        let found = ring.drain()?;
        let expected = count.saturating_sub(found.len() as u64) + 1..=count;
        if !found.iter().copied().eq(expected) {
            return Err(format!("after {count} events: not the newest in order"));
        }
        // A ring may keep some events fewer than it has slots.
        if found.len() < CAPACITY.min(count as usize) - 2 {
            return Err(format!("after {count} events: only {}", found.len()));
        }
    }
    Ok(())
}
