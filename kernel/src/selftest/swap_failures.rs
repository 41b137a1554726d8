//! Tests of a swap device that fails: two processes under limits run again and again, and the n-th
//! request of the device fails, for n = 1, 2, 3, … until they make fewer requests.
//!
//! A page that is not stored in one slot goes to another. A page that is not read back ends its
//! process. Otherwise both processes find what they wrote.

use super::test::{Failure, Outcome, Test, broken, check, needs_swap};
use crate::memory::checks::balance::Balance;
use crate::memory::physical::frames;
use crate::memory::swap;
use crate::process::programs::Program;
use crate::process::{self, End, TABLE};
use log::LevelFilter;
use mm::frame::FaultInjection;
use mm::paging::FaultCause;

pub const LONG: &[Test] = &[
    Test {
        name: "paging out: a failed request of the device ends at most one process",
        run: || every_request(1),
    },
    Test {
        name: "paging out: a device that fails for good ends only its processes",
        run: || every_request(u64::MAX),
    },
];

/// A bound on the requests of the processes.
const MOST_REQUESTS: u64 = 1000;
/// The number of turns after which a program counts as stuck.
const TURNS: u64 = 100_000;

/// Lets `count` requests fail, from each request on.
fn every_request(count: u64) -> Outcome {
    needs_swap()?;
    // Each failure logs a line; here that would be hundreds.
    let level = log::max_level();
    log::set_max_level(LevelFilter::Off);
    let outcome = from_each_request(count);
    swap::inject_failures_for_test(FaultInjection::OFF);
    log::set_max_level(level);
    outcome
}

fn from_each_request(count: u64) -> Outcome {
    let mut ended = 0;
    for after in 0..MOST_REQUESTS {
        let balance = Balance::now();
        let before = swap::statistics();
        swap::inject_failures_for_test(FaultInjection { after, count });
        let ends = run_two();
        swap::inject_failures_for_test(FaultInjection::OFF);
        let statistics = swap::statistics();
        process::kill_all();
        let (number, failed) = (after + 1, statistics.failed - before.failed);
        let ends = ends
            .map_err(|failure| Failure::new(format_args!("request {number}: {}", failure.why())))?;
        let unserved = ends.iter().filter(|&&end| is_unserved(end)).count() as u64;
        let served = ends.iter().filter(|&&end| end == End::Exit(0)).count() as u64;
        let left = statistics.used;
        let now = Balance::now();
        check!(
            unserved + served == 2 && unserved <= failed,
            "request {number}, {failed} failed: {ends:?}"
        );
        check!(left == 0, "request {number}: {left} slots are left");
        check!(
            now == balance,
            "request {number}: {}",
            now.leaked_since(&balance)
        );
        if failed == 0 {
            frames::lock().validate().map_err(broken)?;
            check!(after > 20, "only {after} requests");
            check!(ended > 0, "no failure was of a page that was read");
            return Ok(());
        }
        ended += unserved;
    }
    Err(Failure::new(format_args!(
        "more than {MOST_REQUESTS} requests"
    )))
}

/// Runs two processes, and returns how they ended.
fn run_two() -> Result<[End; 2], Failure> {
    let first = process::spawn(Program::Limited)?;
    let second = process::spawn(Program::Limited)?;
    check!(process::run_all(TURNS), "the processes are stuck");
    let end = |number| {
        TABLE
            .lock()
            .end_of(number)
            .ok_or("a process has no end status")
    };
    Ok([end(first)?, end(second)?])
}

/// Returns whether a process ended because a page could not leave its frame or come back.
fn is_unserved(end: End) -> bool {
    matches!(
        end,
        End::Fault(FaultCause::DemandZero | FaultCause::Swapped)
    )
}
