//! Tests on the running machine, with the real allocators: a short set at every boot, all tests in
//! `mode=selftest`.
//!
//! Invariant: memory is the same before and after each test. This is checked after each test.

#[cfg(feature = "demo")]
mod captions;
mod clock;
mod corruption;
mod faults;
mod figures;
mod frames;
mod heap;
mod heat;
mod kmalloc;
mod limits;
mod locks;
mod out_of_memory;
mod paging;
mod paging_out;
#[cfg(feature = "dashboard")]
mod picture;
mod processes;
mod spaces;
mod swap;
mod swap_failures;
mod tables;
mod tags;
mod test;

use crate::dashboard::DashboardSession;
use crate::interrupts::page_fault as fault_handler;
use crate::machine::clock as machine_clock;
use crate::memory;
use crate::memory::checks::balance::Balance;
use crate::process;
use test::{Failure, Outcome, Test, broken, check};

const LINE: &str = "==========";

/// The tests of every boot, without those of enhancements.
const QUICK: [&[Test]; 10] = [
    frames::QUICK,
    paging::QUICK,
    heap::QUICK,
    kmalloc::QUICK,
    faults::QUICK,
    processes::QUICK,
    processes::REGISTERS,
    spaces::QUICK,
    limits::QUICK,
    locks::QUICK,
];

/// The tests that only `mode=selftest` runs in addition.
const LONG: &[&[Test]] = &[
    clock::LONG,
    frames::LONG,
    heap::LONG,
    kmalloc::LONG,
    processes::LONG,
    limits::WRAPS,
    #[cfg(feature = "demo")]
    captions::LONG,
    limits::LONG,
    tables::LONG,
    locks::LONG,
    out_of_memory::LONG,
    swap::LONG,
    paging_out::LONG,
    swap_failures::LONG,
    figures::COSTS,
    figures::LONG,
];

/// Runs the short tests, and the long ones too if `all` is true. Returns whether all passed.
///
/// The dashboard draws after each test, so that it reads the events in time.
pub fn run(mut session: Option<&mut DashboardSession>, all: bool) -> bool {
    log::info!("{LINE} memory tests {LINE}");
    machine_clock::expect_tick();
    if all
        && memory::swap::is_on()
        && let Err(failure) = swap::prepare()
    {
        log::error!("no swap: {}", failure.why());
    }
    let long = LONG.iter().copied().filter(|_| all);
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for test in QUICK
        .into_iter()
        .chain(of_enhancements())
        .chain(long)
        .flatten()
    {
        match run_one(test, all) {
            Ok(()) => {
                passed += 1;
                log::info!("✓ {}", test.name);
            }
            Err(Failure::Skipped(why)) => {
                skipped += 1;
                log::info!("- {}: skipped: {why}", test.name);
            }
            Err(Failure::Failed(why)) => {
                failed += 1;
                log::error!("✗ {}: {why}", test.name);
            }
        }
        if let Some(session) = session.as_mut() {
            session.show();
        }
    }
    if !all && let Err(failure) = validate() {
        failed += 1;
        log::error!("✗ after all tests: {}", failure.why());
    }
    match skipped {
        0 => log::info!("{passed} passed, {failed} failed"),
        _ => log::info!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
    // In the self-test, `finish` logs this after the picture tests.
    if failed == 0 && !all {
        log::info!("All tests passed! ✨");
    }
    log::info!("{LINE}{LINE}{LINE}{LINE}");
    failed == 0
}

/// Returns the tests of the enhancements that are on. Logs the tests of the others as skipped.
fn of_enhancements() -> impl Iterator<Item = &'static [Test]> {
    let groups = [
        ("tags", tags::QUICK, memory::physical::tags::is_on()),
        ("use-counters", heat::QUICK, memory::physical::heat::is_on()),
        ("fault-log", faults::LOG, fault_handler::log::is_on()),
        (
            "guard-pages",
            faults::GUARDS,
            memory::paging::guard_pages::is_on(),
        ),
        (
            "corruption-detection",
            corruption::QUICK,
            memory::heap::corruption::is_on(),
        ),
    ];
    for (name, tests, _) in groups.iter().filter(|(_, _, on)| !on) {
        for test in *tests {
            log::info!("- {}: skipped: {name} is off", test.name);
        }
    }
    let on = groups.into_iter().filter(|(_, _, on)| *on);
    on.map(|(_, tests, _)| tests)
}

/// Runs the picture tests and logs the overall result. Returns whether they passed and the tests
/// before them passed (`passed`).
pub fn finish(session: Option<&mut DashboardSession>, passed: bool) -> bool {
    log::info!("{LINE} picture tests {LINE}");
    let passed = picture_tests(session) && passed;
    if passed {
        log::info!("All tests passed! ✨");
    }
    passed
}

/// Measures the costs of drawing and recording and the sustained rate of events, in a run of its
/// own. Returns whether all checks passed.
pub fn bench(session: Option<&mut DashboardSession>) -> bool {
    let mut passed = true;
    for test in figures::COSTS {
        if let Err(failure) = run_one(test, false) {
            log::error!("✗ {}: {}", test.name, failure.why());
            passed = false;
        }
    }
    picture_costs(session) && passed
}

/// Runs the tests that need a picture, and measures the cost of drawing. Returns whether all
/// passed.
fn picture_tests(session: Option<&mut DashboardSession>) -> bool {
    #[cfg(feature = "dashboard")]
    return picture::run(session);
    #[cfg(not(feature = "dashboard"))]
    no_picture(session)
}

/// Does the same as [`picture_tests`], for the tests that depend on the rate of events and the size
/// of memory.
fn picture_costs(session: Option<&mut DashboardSession>) -> bool {
    #[cfg(feature = "dashboard")]
    return picture::bench(session);
    #[cfg(not(feature = "dashboard"))]
    no_picture(session)
}

/// Logs why the picture tests are skipped.
#[cfg(not(feature = "dashboard"))]
fn no_picture(_: Option<&mut DashboardSession>) -> bool {
    log::info!("- picture: skipped: this kernel was built without the dashboard");
    true
}

/// Runs a test and checks that it leaked nothing. If `thorough`, also validates all metadata, which
/// reads the entry of every frame.
fn run_one(test: &Test, thorough: bool) -> Outcome {
    let before = Balance::now();
    if let Err(failure) = (test.run)() {
        // A process that the test left running would disturb the next test.
        process::kill_all();
        return Err(failure);
    }
    let after = Balance::now();
    check!(after == before, "{}", after.leaked_since(&before));
    if thorough { validate() } else { Ok(()) }
}

/// Recounts all metadata of the allocators.
fn validate() -> Outcome {
    memory::physical::frames::lock()
        .validate()
        .map_err(broken)?;
    memory::heap::kernel_heap::lock().validate().map_err(broken)
}
