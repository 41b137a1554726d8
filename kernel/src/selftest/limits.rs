//! Tests of the limits of fixed tables: an operation completes, or changes nothing.
//!
//! ```text
//! fill a table ──► random operations ──┬─ served: the address space changed as requested
//! (regions, frames, page tables)       └─ refused: the address space is unchanged, page by page
//! ```

use super::test::{Failure, Outcome, Test, check, needs_swap};
use crate::memory::paging::user_layout::{HEAP, MAPPINGS_END, STACK_END};
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::swap::{self, PAGE, SwapError};
use crate::process::programs::Program;
use crate::process::{self, AddressSpace, CAPACITY, SpaceError, TABLE};
use heapless::Vec;
use mm::event::FAULT_COUNTS;
use mm::paging::{ErrorCode, Region, RegionPolicy};

pub const QUICK: &[Test] = &[
    Test {
        name: "limits: with the region table full, a heap is refused and stays refused",
        run: full_of_regions,
    },
    Test {
        name: "limits: with the process table full, spawn is refused and nothing is lost",
        run: full_of_processes,
    },
];

/// Tests of counters that wrap around.
pub const WRAPS: &[Test] = &[
    Test {
        name: "limits: mappings reuse addresses after the last address",
        run: addresses_again,
    },
    Test {
        name: "limits: process numbers continue with the first free number after the last",
        run: numbers_again,
    },
    Test {
        name: "limits: the faults of a process start again at 0 after the last count",
        run: faults_again,
    },
    Test {
        name: "limits: a swap slot with the most users refuses another one",
        run: most_users,
    },
];

pub const LONG: &[Test] = &[Test {
    name: "limits: 20,000 operations at full tables and without frames complete or change nothing",
    run: complete_or_unchanged,
}];

const WRITE: ErrorCode = ErrorCode::WRITE.union(ErrorCode::USER);
/// A bound on the regions of a process.
const REGIONS: usize = 32;

/// Adds mappings of one page until the space refuses another.
fn fill(space: &mut AddressSpace) {
    while space.add_mapping(FRAME).is_ok() {}
}

fn full_of_regions() -> Outcome {
    let mut space = AddressSpace::new(u32::MAX)?;
    fill(&mut space);
    let answers = [1, 2, 0, 2].map(|pages| space.set_heap(pages * FRAME).is_ok());
    let heap = space.heap_bytes();
    space.release();
    check!(answers == [false, false, true, false], "{answers:?}");
    check!(heap == 0, "{heap} bytes of heap");
    Ok(())
}

fn full_of_processes() -> Outcome {
    let mut numbers = Vec::<u32, CAPACITY>::new();
    let refused = loop {
        match process::spawn(Program::Share) {
            Ok(number) => check!(numbers.push(number).is_ok(), "more than {CAPACITY}"),
            Err(error) => break error,
        }
    };
    let before = frames::lock().statistics().free;
    let again = process::spawn(Program::Share).err();
    let after = frames::lock().statistics().free;
    let alive = TABLE.lock().iter().count();
    process::kill_all();
    check!(
        refused == SpaceError::TooManyProcesses && again == Some(refused),
        "{refused}, then {again:?}"
    );
    check!(alive == CAPACITY, "{alive} of {CAPACITY} live");
    check!(before == after, "{before} frames were free, then {after}");
    Ok(())
}

fn addresses_again() -> Outcome {
    const BYTES: u64 = 16 << 20;
    let mut space = AddressSpace::new(u32::MAX)?;
    let first = space.add_mapping(FRAME)?;
    space.set_next_mapping(MAPPINGS_END - 2 * BYTES);
    let high = space.add_mapping(BYTES)?;
    let again = space.add_mapping(BYTES)?;
    space.remove_mapping(first)?;
    space.set_next_mapping(MAPPINGS_END - FRAME);
    let lowest = space.add_mapping(1)?;
    space.release();
    check!(high == MAPPINGS_END - 2 * BYTES, "not the end: {high:#x}");
    check!(again == first + 2 * FRAME, "{again:#x} follows the end");
    check!(
        lowest == first,
        "{first:#x} is free, but {lowest:#x} is used"
    );
    Ok(())
}

fn numbers_again() -> Outcome {
    let before = TABLE.lock().set_last_number(0);
    let first = process::spawn(Program::Touch)?;
    TABLE.lock().set_last_number(u32::MAX - 1);
    let last = process::spawn(Program::Touch)?;
    let again = process::spawn(Program::Touch)?;
    process::kill_all();
    TABLE.lock().set_last_number(before);
    check!(
        (first, last, again) == (1, u32::MAX, 2),
        "{first}, {last}, then {again}"
    );
    Ok(())
}

fn faults_again() -> Outcome {
    let number = process::spawn(Program::Touch)?;
    let last = u64::from(FAULT_COUNTS) - 1;
    let counted = process::with_space(number, || {
        let set = TABLE.lock().get_mut(number).map(|process| {
            process.faults = last as u32;
        });
        process::count_fault();
        set.and(TABLE.lock().get_mut(number).map(|process| process.faults))
    });
    process::kill_all();
    check!(counted == Some(0), "{counted:?}");
    Ok(())
}

fn most_users() -> Outcome {
    needs_swap()?;
    let slot = swap::store(&[0; PAGE])?;
    let mut users = 1_u32;
    let refused = loop {
        match swap::share(slot) {
            Ok(()) => users += 1,
            Err(error) => break error,
        }
    };
    let before = swap::statistics().used;
    for _ in 0..users {
        swap::release(slot);
    }
    let after = swap::statistics().used;
    check!(
        users == u16::MAX.into() && refused == SwapError::TooManyUsers(slot),
        "{users} users, {refused}"
    );
    check!(after + 1 == before, "{before} slots, then {after}");
    Ok(())
}

/// The state of an address space that its process can observe.
#[derive(Clone, PartialEq)]
struct Image {
    regions: Vec<Region, REGIONS>,
    heap: u64,
    pages: u64,
    /// A digest of all pages: address, frame and access.
    digest: u64,
    free_frames: u64,
}

fn image(space: &AddressSpace) -> Image {
    let mut digest = 0_u64;
    space.for_each_page(&mut |page| {
        for word in [
            page.page.as_u64(),
            page.frame.start_address().as_u64(),
            u64::from(page.access.bits()),
        ] {
            // FNV-1a, by words.
            digest = (digest ^ word).wrapping_mul(0x0100_0000_01b3);
        }
    });
    Image {
        regions: space.regions().iter().copied().collect(),
        heap: space.heap_bytes(),
        pages: space.pages(),
        digest,
        free_frames: frames::lock().statistics().free,
    }
}

fn complete_or_unchanged() -> Outcome {
    const OPERATIONS: u32 = 20_000;
    /// Operations between two fills of the region table.
    const PERIOD: u32 = 64;
    let mut random = fastrand::Rng::with_seed(9);
    let mut space = AddressSpace::new(u32::MAX)?;
    let (mut served, mut refused) = (0_u32, 0_u32);
    let mut outcome = Ok(());
    for number in 0..OPERATIONS {
        if number % PERIOD == 0 && random.bool() {
            fill(&mut space);
        }
        // Half of the operations get this many frames at most.
        let frames_left = random.u64(..6);
        let is_short = random.bool();
        let before = image(&space);
        if is_short {
            frames::lock().inject_failures(frames_left, u64::MAX);
        }
        let answer = operate(&mut space, &mut random);
        frames::lock().inject_failures(0, 0);
        match answer {
            Ok(()) => served += 1,
            Err((what, error)) => {
                refused += 1;
                if image(&space) != before {
                    let why = format_args!("operation {number}, {what}: {error}, and it changed");
                    outcome = Err(Failure::new(why));
                    break;
                }
            }
        }
    }
    space.release();
    outcome?;
    check!(
        served > OPERATIONS / 4 && refused > OPERATIONS / 8,
        "{served} served, {refused} refused: not at the limit"
    );
    Ok(())
}

/// Performs one operation of a system call or a page fault. An error names the operation.
fn operate(
    space: &mut AddressSpace,
    random: &mut fastrand::Rng,
) -> Result<(), (&'static str, SpaceError)> {
    let some_region = |space: &AddressSpace, random: &mut fastrand::Rng| {
        let regions = space.regions();
        regions[random.usize(..regions.len())]
    };
    match random.u8(..16) {
        0..4 => space
            .set_heap(random.u64(..6) * FRAME / 2)
            .map_err(|error| ("heap", error)),
        4..7 => space
            .add_mapping(random.u64(..4) * FRAME)
            .map(drop)
            .map_err(|error| ("map", error)),
        7..9 => {
            let start = some_region(space, random).start;
            space
                .remove_mapping(start)
                .map_err(|error| ("unmap", error))
        }
        9..15 => {
            let region = some_region(space, random);
            let page = match region.policy {
                RegionPolicy::Stack => STACK_END - FRAME * random.u64(1..8),
                _ => region.start + FRAME * random.u64(..region.bytes / FRAME),
            };
            let is_mapped = space.lookup(page).is_some();
            let code = match is_mapped {
                true => WRITE | ErrorCode::PROTECTION,
                false => WRITE,
            };
            space
                .resolve_access(page, code)
                .map(drop)
                .map_err(|error| ("touch", error))
        }
        _ => fork(space, random).map_err(|error| ("fork", error)),
    }
}

/// Forks the address space; the child writes to a page, grows its heap, and ends.
fn fork(space: &mut AddressSpace, random: &mut fastrand::Rng) -> Result<(), SpaceError> {
    let mut child = space.fork(u32::MAX - 1)?;
    // A refusal of the child's requests does not matter here.
    let _ = child.resolve_access(
        HEAP + FRAME * random.u64(..2),
        WRITE | ErrorCode::PROTECTION,
    );
    let _ = child.set_heap(random.u64(..4) * FRAME);
    child.release();
    Ok(())
}
