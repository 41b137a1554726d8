//! Tests of faults while a lock is held: the handler works without the lock, or the kernel reports
//! the lock. It never hangs.

use super::test::{Failure, Outcome, Test, check, count_faults};
use crate::interrupts::page_fault;
use crate::machine::clock;
use crate::memory::checks::test_access;
use crate::memory::heap::kernel_heap;
use crate::memory::paging::{demand, kernel_space};
use crate::memory::physical::frames;
use crate::memory::trace;
use crate::process::TABLE;
use core::cell::Cell;
use core::fmt;
use mm::event::{Kind, Origin, Payload};
use x86_64::VirtAddr;

pub const QUICK: &[Test] = &[
    Test {
        name: "locks: a demand-zero fault while a line is logged is resolved",
        run: while_logging,
    },
    Test {
        name: "locks: a fault is handled whichever lock the faulting code holds",
        run: while_held,
    },
];

pub const LONG: &[Test] = &[
    Test {
        name: "locks: a demand-zero fault is resolved whichever other lock the faulting code holds",
        run: resolved_while_held,
    },
    Test {
        name: "locks: an event whose producer faults is whole, and so are those of the fault",
        run: in_the_producer,
    },
];

/// Touches a page for the first time when it is formatted.
struct Toucher {
    page: u64,
    held: Cell<u64>,
}

impl fmt::Display for Toucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The serial line and the shell format a line each: the first touch is the one that counts.
        let held = demand::touch(self.page);
        self.held.set(self.held.get().min(held));
        write!(f, "{}", self.held.get())
    }
}

fn while_logging() -> Outcome {
    let toucher = Toucher {
        page: 7,
        held: Cell::new(u64::MAX),
    };
    let faults = count_faults(|| log::info!("a page that was never touched holds {toucher}"));
    demand::release(7);
    check!(faults == 1, "{faults} faults");
    check!(
        toucher.held.get() == 0,
        "the page held {}",
        toucher.held.get()
    );
    Ok(())
}

fn while_held() -> Outcome {
    let refused = || test_access::read(VirtAddr::zero()).is_err();
    let answers = {
        let held = frames::lock();
        let frames = refused();
        drop(held);
        let held = kernel_heap::lock();
        let heap = refused();
        drop(held);
        let held = kernel_space::lock();
        let tables = refused();
        drop(held);
        let held = TABLE.lock();
        let processes = refused();
        drop(held);
        [frames, heap, tables, processes]
    };
    check!(answers == [true; 4], "{answers:?}");
    Ok(())
}

/// Tests that resolving a fault takes only the locks of regions, frames, heat and page tables.
fn resolved_while_held() -> Outcome {
    const PAGE: u64 = 9;
    let touched = || {
        let faults = count_faults(|| {
            demand::touch(PAGE);
        });
        demand::release(PAGE);
        faults
    };
    let mut answers = [0; 4];
    {
        let _held = kernel_heap::lock();
        // `release` frees a frame and unmaps a page, neither of which needs the heap.
        answers[0] = touched();
    }
    {
        let _held = TABLE.lock();
        answers[1] = touched();
    }
    answers[2] = touched_while_listing(&touched);
    answers[3] = touched_while_drawing(&touched);
    check!(answers == [1; 4], "faults: {answers:?}");
    Ok(())
}

/// Calls `touched` while the log of faults is locked. The log is empty if it is not built or is
/// switched off.
fn touched_while_listing(touched: &impl Fn() -> u64) -> u64 {
    let mut faults = None;
    page_fault::log::for_each(|_| faults = faults.or_else(|| Some(touched())));
    faults.unwrap_or_else(touched)
}

/// Calls `touched` while the terminal is locked, as the dashboard does to draw the shell.
fn touched_while_drawing(touched: &impl Fn() -> u64) -> u64 {
    #[cfg(feature = "demo")]
    let _held = crate::machine::console::terminal();
    touched()
}

fn in_the_producer() -> Outcome {
    if !trace::is_on() {
        return Err(Failure::skipped(format_args!("no recording")));
    }
    // An access to the lower half belongs to the space of the current process: here, to none.
    trace::enter_space(0);
    let nothing = Payload::SpaceSwitch {
        number: 0,
        previous: 0,
    };
    let before = trace::RING.recorded();
    let mut refused = false;
    let time = || {
        refused = test_access::read(VirtAddr::zero()).is_err();
        clock::ticks()
    };
    trace::RING.push(time, Origin::new(0, 0), nothing);
    let recorded = trace::RING.recorded() - before;
    check!(refused && recorded == 3, "{refused}, {recorded} events");
    let mut reader = trace::RING.reader();
    let mut last = [None; 3];
    while let Some(event) = reader.pop() {
        last.rotate_left(1);
        last[2] = Some((event.payload.kind(), event.time));
    }
    let kinds = last.map(|event| event.map(|(kind, _)| kind));
    let expected = [Kind::SpaceSwitch, Kind::FaultBegin, Kind::FaultEnd];
    check!(kinds == expected.map(Some), "{kinds:?}");
    // The producer claims its slot first, and reads the time last.
    let times = last.map(|event| event.map(|(_, time)| time));
    check!(times[1] <= times[2] && times[2] <= times[0], "{times:?}");
    Ok(())
}
