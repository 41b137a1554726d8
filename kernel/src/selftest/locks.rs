//! Faults while a lock is held: the handler does without the lock, or the kernel says what it waits
//! for; it never hangs.

use super::test::{Outcome, Test, check, count_faults};
use crate::memory::checks::test_access;
use crate::memory::heap::kernel_heap;
use crate::memory::paging::{demand, kernel_space};
use crate::memory::physical::frames;
use crate::process::TABLE;
use core::cell::Cell;
use core::fmt;
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
