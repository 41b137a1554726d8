//! Tests of swap and of page limits: pages leave their frames and come back unchanged; a corrupt
//! page is reported.

use super::test::{Failure, Outcome, Test, check, needs_swap};
use crate::machine::clock;
use crate::memory::paging::heat_sampler;
use crate::memory::paging::user_layout::MAPPINGS;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::swap::{self, Content, DeviceKind, PAGE, SwapError};
use crate::process::paging_out::Spaces;
use crate::process::{AddressSpace, SpaceError};
use fastrand::Rng;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome};
use mm::reclaim;
use x86_64::VirtAddr;

pub const LONG: &[Test] = &[
    Test {
        name: "swap: pages of every kind come back as they were, and free their slots",
        run: returns,
    },
    Test {
        name: "swap: a page over the limit leaves its frame and comes back at a fault",
        run: limited,
    },
    Test {
        name: "swap: after a fork both processes have the page that was in swap",
        run: forked,
    },
    Test {
        name: "swap: a page that was written before a fork keeps its content when it leaves",
        run: written_before_a_fork,
    },
    Test {
        name: "swap: a page that was written keeps its content after its dirty bit was sampled",
        run: sampled,
    },
    Test {
        name: "swap: a corrupt page is refused with its slot",
        run: corrupt,
    },
];

const WRITE: ErrorCode = ErrorCode::WRITE.union(ErrorCode::USER);
const FIRST: VirtAddr = MAPPINGS;

/// Allocates the memory that swap never frees, so that tests leave memory as they found it.
pub fn prepare() -> Outcome {
    let mut space = with_a_page_in_swap(1)?;
    touch(&mut [&mut space], 0, FIRST)?;
    space.release();
    Ok(())
}

/// Makes a write possible in the space with this index; its limit may make a page leave.
fn touch(
    spaces: &mut [&mut AddressSpace],
    index: usize,
    page: VirtAddr,
) -> Result<FaultOutcome, SpaceError> {
    loop {
        match spaces[index].resolve_access(page, WRITE) {
            Err(SpaceError::LimitReached(_)) => {
                let number = spaces[index].number();
                let all = spaces.iter_mut().map(|space| &mut **space);
                Spaces::of(all).page_out_for_limit(number)?;
            }
            result => return result,
        }
    }
}

fn returns() -> Outcome {
    needs_swap()?;
    let mut random = Rng::with_seed(1);
    let mut incompressible = [0; PAGE];
    random.fill(&mut incompressible);
    let mut text = [0; PAGE];
    for (number, byte) in text.iter_mut().enumerate() {
        *byte = (number / 17 % 7) as u8;
    }
    let pages: [&Content; 4] = [&[0; PAGE], &[0xa5; PAGE], &text, &incompressible];
    let mut slots = heapless::Vec::<_, 4>::new();
    for page in pages {
        let _ = slots.push(swap::store(page)?);
    }
    let swap::Statistics {
        used, stored_bytes, ..
    } = swap::statistics();
    let mut wrong = 0;
    for (page, &slot) in pages.iter().zip(&slots) {
        let mut found = [1; PAGE];
        swap::load(slot, &mut found)?;
        let mut part = [1; 100];
        swap::read(slot, 1000, &mut part)?;
        wrong += u32::from(found != **page || part != page[1000..1100]);
        swap::release(slot);
    }
    check!(used == 4, "{used} slots used instead of 4");
    if swap::device_in_use() == DeviceKind::Compressed {
        // Two pages of one word need nothing, and one page does not shrink.
        let text = stored_bytes.saturating_sub(PAGE as u64);
        check!((1..400).contains(&text), "text takes {text} bytes");
    } else {
        let bytes = 4 * PAGE as u64;
        check!(
            stored_bytes == bytes,
            "{stored_bytes} bytes on the disk instead of {bytes}"
        );
    }
    check!(wrong == 0, "{wrong} pages came back changed");
    let left = swap::statistics();
    check!(
        (left.used, left.stored_bytes) == (0, 0),
        "{} slots and {} bytes are left",
        left.used,
        left.stored_bytes
    );
    Ok(())
}

/// Returns a space with four pages of which one can be resident. The first one holds `value`, and
/// is in swap.
fn with_a_page_in_swap(value: u64) -> Result<AddressSpace, Failure> {
    let fifo = reclaim::named("fifo").ok_or("no policy is called fifo")?;
    let mut space = AddressSpace::new(u32::MAX)?;
    space.add_limited_mapping(4, 1, fifo, 1)?;
    touch(&mut [&mut space], 0, FIRST)?;
    store(&mut space, FIRST, value)?;
    touch(&mut [&mut space], 0, FIRST + FRAME)?;
    Ok(space)
}

/// Writes the first word of a mapped page, as the CPU does.
fn store(space: &mut AddressSpace, page: VirtAddr, value: u64) -> Outcome {
    let mapping = space.lookup(page).ok_or("the page has no frame")?;
    // SAFETY: the frame belongs to the test's space, and the direct map maps it.
    unsafe { frames::pointer(mapping.physical).cast::<u64>().write(value) };
    space.set_dirty_for_test(page);
    Ok(())
}

fn value(space: &AddressSpace, page: VirtAddr) -> Result<u64, Failure> {
    let mapping = space.lookup(page).ok_or("the page has no frame")?;
    // SAFETY: as in `store`.
    Ok(unsafe { frames::pointer(mapping.physical).cast::<u64>().read() })
}

fn limited() -> Outcome {
    needs_swap()?;
    let mut space = with_a_page_in_swap(7)?;
    let (pages, used) = (space.pages(), swap::statistics().used);
    let cause = space.classify(FIRST, WRITE);
    let outcome = touch(&mut [&mut space], 0, FIRST)?;
    let found = value(&space, FIRST)?;
    // Nothing was written to the second page, so it is demand-zero again.
    let second = space.classify(FIRST + FRAME, WRITE);
    // Unchanged since it was read, so the page leaves without being stored again.
    let written = swap::statistics().written;
    touch(&mut [&mut space], 0, FIRST + FRAME)?;
    let stored_again = swap::statistics().written - written;
    space.release();
    let left = swap::statistics().used;
    check!(
        (pages, used) == (1, 1),
        "{pages} pages are mapped and {used} in swap instead of 1 and 1"
    );
    check!(
        (cause, outcome) == (FaultCause::Swapped, FaultOutcome::SwappedIn),
        "{cause:?} became {outcome:?}"
    );
    check!(found == 7, "the page came back with {found}");
    check!(
        second == FaultCause::DemandZero,
        "an unwritten page: {second:?}"
    );
    check!(stored_again == 0, "an unchanged page was stored again");
    check!(left == 0, "{left} slots are left");
    Ok(())
}

fn forked() -> Outcome {
    needs_swap()?;
    let mut parent = with_a_page_in_swap(9)?;
    let mut child = parent.fork(u32::MAX - 1)?;
    let shared = swap::statistics().used;
    touch(&mut [&mut parent, &mut child], 1, FIRST)?;
    store(&mut child, FIRST, 1)?;
    touch(&mut [&mut parent, &mut child], 0, FIRST)?;
    let values = (value(&parent, FIRST)?, value(&child, FIRST)?);
    child.release();
    parent.release();
    let left = swap::statistics().used;
    check!(shared == 1, "{shared} slots after a fork instead of 1");
    check!(values == (9, 1), "parent and child have {values:?}");
    check!(left == 0, "{left} slots are left");
    Ok(())
}

/// Tests that a fork, which changes the access rights of a page, does not make the page clean.
fn written_before_a_fork() -> Outcome {
    needs_swap()?;
    let mut parent = with_a_page_in_swap(5)?;
    touch(&mut [&mut parent], 0, FIRST)?;
    store(&mut parent, FIRST, 6)?;
    let child = parent.fork(u32::MAX - 1)?;
    child.release();
    touch(&mut [&mut parent], 0, FIRST + FRAME)?;
    touch(&mut [&mut parent], 0, FIRST)?;
    let found = value(&parent, FIRST)?;
    parent.release();
    let left = swap::statistics().used;
    check!(found == 6, "the page came back with {found}");
    check!(left == 0, "{left} slots are left");
    Ok(())
}

/// Tests that the heat sampler, which clears dirty bits, does not make a page clean for swap.
fn sampled() -> Outcome {
    needs_swap()?;
    let mut space = with_a_page_in_swap(5)?;
    touch(&mut [&mut space], 0, FIRST)?;
    store(&mut space, FIRST, 6)?;
    heat_sampler::end_period(clock::now(), [(1, space.root())].into_iter());
    touch(&mut [&mut space], 0, FIRST + FRAME)?;
    touch(&mut [&mut space], 0, FIRST)?;
    let found = value(&space, FIRST)?;
    space.release();
    check!(found == 6, "the page came back with {found}");
    Ok(())
}

fn corrupt() -> Outcome {
    needs_swap()?;
    let mut space = with_a_page_in_swap(3)?;
    let slot = space.swapped(FIRST).ok_or("the page is not in swap")?;
    let corrupted = swap::corrupt_for_test(slot);
    let result = touch(&mut [&mut space], 0, FIRST);
    space.release();
    check!(corrupted, "the page has no block");
    check!(
        result == Err(SpaceError::Swap(SwapError::Corrupt(slot))),
        "{result:?}"
    );
    let left = swap::statistics().used;
    check!(left == 0, "{left} slots are left");
    Ok(())
}
