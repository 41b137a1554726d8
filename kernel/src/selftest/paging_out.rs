//! Tests of paging out: limits, the clock of the machine, out of memory, and data that must not be
//! lost.

use super::test::{Failure, Outcome, Test, check, needs_swap};
use crate::churn::{self, Chooser};
use crate::memory::paging::user_layout::MAPPINGS;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::watermarks;
use crate::memory::swap;
use crate::memory::trace;
use crate::process::paging_out::{Spaces, policy};
use crate::process::programs::Program;
use crate::process::{self, AddressSpace, End, TABLE};
use mm::event::Payload;
use mm::paging::{ErrorCode, FaultCause};
use mm::units::Count;
use x86_64::VirtAddr;

pub const LONG: &[Test] = &[
    Test {
        name: "paging out: a process limits itself, and its pages keep their content",
        run: limits_itself,
    },
    Test {
        name: "paging out: a limit of a running process makes its pages leave",
        run: limited_later,
    },
    Test {
        name: "paging out: a shared page leaves in all processes, and comes back in each",
        run: shared,
    },
    Test {
        name: "paging out: pages that processes use are spared by the clock of the machine",
        run: spared,
    },
    Test {
        name: "paging out: without room, the largest process ends and the others continue",
        run: largest_ends,
    },
    Test {
        name: "paging out: a corrupt page ends its process, and no other",
        run: corrupt,
    },
    Test {
        name: "paging out: random reads and writes over four times the frames lose no data",
        run: no_loss,
    },
];

const WRITE: ErrorCode = ErrorCode::WRITE.union(ErrorCode::USER);
/// The number of turns after which a program counts as stuck.
const TURNS: u64 = 1_000_000;

fn limits_itself() -> Outcome {
    needs_swap()?;
    let written = swap::statistics().written;
    let number = process::spawn(Program::Limited)?;
    check!(process::run_all(TURNS), "it does not end");
    let end = TABLE.lock().end_of(number);
    let written = swap::statistics().written - written;
    check!(end == Some(End::Exit(0)), "it ended by {end:?}");
    check!(written >= 12, "{written} pages were stored");
    Ok(())
}

/// Runs a program that waits after it has touched its pages.
fn waiting(program: Program) -> Result<u32, Failure> {
    let number = process::spawn(program)?;
    for _ in 0..TURNS {
        if !process::run_slice() {
            return Ok(number);
        }
    }
    Err(Failure::new(format_args!("{} runs on", program.name())))
}

/// Returns the resident pages of a process, and those in swap.
fn pages(number: u32) -> Result<(u64, u64), Failure> {
    let mut table = TABLE.lock();
    let process = table.get_mut(number).ok_or("the process has ended")?;
    Ok((process.space.pages(), process.space.swapped_pages()))
}

fn limited_later() -> Outcome {
    needs_swap()?;
    let number = waiting(Program::Share)?;
    let before = pages(number)?;
    Spaces::of(TABLE.lock().spaces()).limit(number, 3, policy())?;
    let limited = pages(number)?;
    // The process reads its pages again.
    process::wake(number);
    while process::run_slice() {}
    let after = pages(number);
    process::kill_all();
    let (resident, in_swap) = limited;
    check!(before.1 == 0, "{} pages are in swap", before.1);
    // The page of the program does not count.
    check!(
        resident == 4 && in_swap >= 4,
        "{resident} pages are resident, and {in_swap} in swap"
    );
    let after = after?.0;
    check!(after <= 4, "{after} pages are resident under the limit");
    Ok(())
}

/// Writes the first word of a page, as the CPU does.
fn write(space: &mut AddressSpace, page: VirtAddr, value: u64) -> Outcome {
    space.resolve_access(page, WRITE)?;
    let mapping = space.lookup(page).ok_or("the page has no frame")?;
    // SAFETY: the frame belongs to the test's space, and the direct map maps it.
    unsafe { frames::pointer(mapping.physical).cast::<u64>().write(value) };
    space.set_dirty_for_test(page);
    Ok(())
}

fn read(space: &mut AddressSpace, page: VirtAddr) -> Result<u64, Failure> {
    if space.lookup(page).is_none() {
        space.resolve_access(page, ErrorCode::USER)?;
    }
    let mapping = space.lookup(page).ok_or("the page has no frame")?;
    // SAFETY: as in `write`.
    Ok(unsafe { frames::pointer(mapping.physical).cast::<u64>().read() })
}

fn shared() -> Outcome {
    needs_swap()?;
    let mut parent = AddressSpace::new(u32::MAX - 1)?;
    parent.add_mapping(FRAME)?;
    write(&mut parent, MAPPINGS, 5)?;
    let mut child = parent.fork(u32::MAX)?;
    let free = frames::lock().statistics().free;
    let spaces = [&mut parent, &mut child].into_iter();
    // The first round takes the marks of use.
    let (left, error) = Spaces::of(spaces).reclaim(1);
    let freed = frames::lock().statistics().free - free;
    let slots = [parent.swapped(MAPPINGS), child.swapped(MAPPINGS)];
    let used = swap::statistics().used;
    let values = (read(&mut parent, MAPPINGS)?, read(&mut child, MAPPINGS)?);
    // Nothing was written since, so the slot still has the content.
    let written = swap::statistics().written;
    Spaces::of([&mut parent, &mut child].into_iter()).reclaim(2);
    let stored = swap::statistics().written - written;
    write(&mut child, MAPPINGS, 6)?;
    let after = (read(&mut parent, MAPPINGS)?, read(&mut child, MAPPINGS)?);
    parent.release();
    child.release();
    let rest = swap::statistics().used;
    check!(left == 1 && error.is_none(), "{left} pages left");
    check!(
        freed == 1,
        "{freed} frames became free; slots {slots:?}, {used} used"
    );
    check!(
        slots[0].is_some() && slots[0] == slots[1] && used == 1,
        "{slots:?}, {used} slots"
    );
    check!(values == (5, 5), "the processes read {values:?}");
    check!(stored == 0, "a clean page was stored again");
    check!(after == (5, 6), "after a write they read {after:?}");
    check!(rest == 0, "{rest} slots are left");
    Ok(())
}

fn spared() -> Outcome {
    needs_swap()?;
    let mut space = AddressSpace::new(u32::MAX)?;
    space.add_mapping(8 * FRAME)?;
    for number in 0..8 {
        write(&mut space, MAPPINGS + number * FRAME, number)?;
    }
    let mut events = trace::RING.reader();
    while events.pop().is_some() {}
    // Two pages leave; the marks of the other pages are taken.
    Spaces::of([&mut space].into_iter()).reclaim(2);
    let used = MAPPINGS + 3 * FRAME;
    space.set_dirty_for_test(used);
    Spaces::of([&mut space].into_iter()).reclaim(5);
    let is_left = space.lookup(used).is_some();
    let resident = space.pages();
    space.release();
    let (mut all_passed, mut all_spared) = (0, 0);
    while let Some(event) = events.pop() {
        if let Payload::ReclaimScan { passed, spared, .. } = event.payload {
            all_passed += passed;
            all_spared += u32::from(spared);
        }
    }
    check!(resident == 1 && is_left, "{resident} pages are resident");
    check!(
        (all_passed, all_spared) == (7 + 9, 9),
        "the events have {all_passed} pages passed, {all_spared} spared"
    );
    Ok(())
}

fn largest_ends() -> Outcome {
    let large = waiting(Program::Share)?;
    let small = waiting(Program::Toucher)?;
    let low = watermarks::set_low(frames::lock().statistics().free);
    let was_on = swap::is_on();
    swap::switch(false);
    process::wake(small);
    while process::run_slice() {}
    swap::switch(was_on);
    watermarks::set_low(low);
    let ended = TABLE.lock().end_of(large);
    let lives = TABLE.lock().get_mut(small).is_some();
    process::kill_all();
    check!(ended == Some(End::OutOfMemory), "{ended:?}");
    check!(lives, "the small process has ended too");
    Ok(())
}

fn corrupt() -> Outcome {
    needs_swap()?;
    let numbers = [
        process::spawn(Program::Limited)?,
        process::spawn(Program::Limited)?,
    ];
    let mut corrupted = false;
    while !corrupted && process::run_slice() {
        let mut table = TABLE.lock();
        let Some(process) = table.get_mut(numbers[0]) else {
            break;
        };
        // Page 1 holds the number 1, so it is not a page of one repeated word.
        let slot = process.space.swapped(MAPPINGS + FRAME);
        corrupted = slot.is_some_and(swap::corrupt_for_test);
    }
    check!(process::run_all(TURNS), "they do not end");
    let ends = numbers.map(|number| TABLE.lock().end_of(number));
    check!(corrupted, "no page was in swap between two turns");
    check!(
        ends == [Some(End::Fault(FaultCause::Swapped)), Some(End::Exit(0))],
        "{ends:?}"
    );
    Ok(())
}

fn no_loss() -> Outcome {
    needs_swap()?;
    let (stored, mut operations) = (swap::statistics().written, 0);
    for chooser in churn::choosers() {
        let done = churn::round(chooser)
            .map_err(|failure| Failure::new(format_args!("{chooser}: {failure}")))?;
        let enough = matches!(chooser, Chooser::Machine) || done >= 4 * 500;
        check!(enough, "{chooser}: only {done} operations");
        operations += done;
    }
    let stored = swap::statistics().written - stored;
    log::info!(
        "{} operations, {} pages stored, no difference",
        Count(operations),
        Count(stored)
    );
    check!(stored > operations / 8, "only {stored} pages were stored");
    Ok(())
}
