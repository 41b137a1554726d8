//! Tests of the clock's frequency, with readings as a busy host makes them.

use super::test::{Outcome, Test, check};
use crate::machine::clock::frequency::of_readings;
use crate::machine::clock::reading::{COUNT_HERTZ, Reading};

pub const LONG: &[Test] = &[Test {
    name: "clock: stalls of the host do not change the measured frequency",
    run: stalled,
}];

/// 3 GHz, and 2 ms between readings.
const HERTZ: u64 = 3_000_000_000;
const APART_TICKS: u64 = HERTZ / 500;
const APART_COUNTS: u64 = COUNT_HERTZ / 500;

/// Returns a reading every 2 ms. A stall comes before the reading (both clocks continue) or inside
/// it.
fn reading(number: u64, stalled_inside: u64) -> Reading {
    Reading {
        ticks: 1000 + number * APART_TICKS,
        slack: 3000 + stalled_inside,
        counts: number * APART_COUNTS + stalled_inside * COUNT_HERTZ / HERTZ,
    }
}

fn stalled() -> Outcome {
    let is_right =
        |hertz: Option<u64>| hertz.is_some_and(|hertz| hertz.abs_diff(HERTZ) < HERTZ / 1000);
    let quiet = [0, 1, 2, 3, 4, 5].map(|number| reading(number, 0));
    check!(
        is_right(of_readings(&quiet)),
        "quiet: {:?}",
        of_readings(&quiet)
    );
    // 20 ms inside the first and the last reading, and a gap of 30 ms in the middle.
    const STALL: u64 = HERTZ / 50;
    let busy = [
        reading(0, STALL),
        reading(11, 0),
        reading(12, 0),
        reading(27, 0),
        reading(28, STALL),
    ];
    check!(
        is_right(of_readings(&busy)),
        "busy: {:?}",
        of_readings(&busy)
    );
    let hopeless = [reading(0, STALL), reading(12, 0), reading(13, STALL)];
    check!(
        of_readings(&hopeless).is_none(),
        "a frequency from one tight reading"
    );
    Ok(())
}
