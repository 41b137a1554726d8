//! Swap: where a page goes when it leaves its frame, what its entry holds then, and how it returns.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::swap;
use crate::process::{SpaceError, TABLE};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::{FaultCause, SwapSlot};
use mm::reclaim::PageReference;

/// Writes to pages 1, 2 and 3, then reads of them.
const STRING: [PageReference; 6] = {
    let pages = [1, 2, 3, 1, 2, 3];
    let mut string = [PageReference {
        page: 0,
        write: false,
    }; 6];
    let mut at = 0;
    while at < pages.len() {
        string[at] = PageReference {
            page: pages[at],
            write: at < 3,
        };
        at += 1;
    }
    string
};
const FRAMES: usize = 2;

pub const LESSON: Lesson = Lesson {
    name: "swap",
    title: "Swap: pages without frames",
    goal: "a page leaves its frame and comes back: clean, dirty, forked",
    steps: &[
        step("Process {process} may use {frames} frames. It has written to pages 1 and 2, and the CPU has set the dirty bit of both entries.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.count("frames", FRAMES as u64);
                let process = stage.replay(&STRING, FRAMES, "fifo", 2)?;
                stage.count("process", process.into());
                stage.address("page", stage.page_of_replay(1)?);
                Ok(())
            })
            .holds(|stage| {
                stage.has_replayed(0, 2)?;
                fact!(swap::statistics().used == 0, "swap is not empty");
                Ok(())
            }),
        step("To swap slot {slot}, as {bytes}. The frame of page 1 is free after that, and page 3 gets it.")
            .asks("The process writes to page 3, and FIFO replaces page 1. Where does the content of page 1 go?")
            .choices(&["It is lost", "It stays in the frame", "To a swap slot"], 2)
            .because("Not B: page 3 needs this frame.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.go_on(3)?;
                let slot = slot_of(stage)?;
                stage.count("slot", slot.number().into());
                stage.count("entry", slot.entry());
                stage.bytes("bytes", swap::statistics().stored_bytes);
                Ok(())
            })
            .holds(|stage| {
                stage.has_replayed(0, 3)?;
                fact!(!stage.is_resident(stage.number("process"), 1)?, "page 1 has a frame");
                has_stored(stage, 1)
            }),
        step("Present is 0, so the CPU faults and ignores all other bits. The kernel keeps the slot in them: bits 12 to 43 hold {slot}.")
            .asks("Which value does the page-table entry of page 1 have now?")
            .choices(&["Zero", "Present, with the old frame", "Not present, with the slot"], 2)
            .because("Not A: with zero, the kernel would not know where the content is.")
            .conceals()
            .figure(Figure::HardFault)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .holds(|stage| {
                let slot = SwapSlot::of_entry(stage.get("entry"));
                fact!(slot == Some(slot_of(stage)?), "the entry names {slot:?}");
                Ok(())
            }),
        step("It reads slot {slot} into a frame and maps it. First page 2 must leave: it is dirty, so it is stored as well.")
            .asks("The process reads page 1. A page fault, and the entry names a slot. What does the handler do?")
            .choices(&["End the process", "Map a frame of zeros", "Read the slot into a frame"], 2)
            .because("Not B: that is for a page that was never written.")
            .figure(Figure::HardFault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                stage.go_on(4)
            })
            .holds(|stage| {
                stage.had_faults(1, Some(FaultCause::Swapped))?;
                stage.has_replayed(0, 4)?;
                has_stored(stage, 2)
            }),
        step("Page 2 comes back, and page 3 leaves. Each of the three pages was written once, so each was stored once: {stored} stores.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.go_on(5)?;
                let stored = stage.replayed()?.written;
                stage.count("stored", stored);
                Ok(())
            })
            .holds(|stage| {
                stage.has_replayed(0, 5)?;
                has_stored(stage, 3)
            }),
        step("No: its dirty bit is clear, and slot {slot} still has the content. Only the entry changes. A clean page leaves for free.")
            .asks("The process reads page 3, and FIFO replaces page 1, which has not changed since it was read back. Is it stored again?")
            .choices(&["Yes", "No"], 1)
            .because("The CPU sets the dirty bit at a write, so the kernel knows.")
            .figure(Figure::HardFault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(6))
            .holds(|stage| {
                stage.has_replayed(0, 6)?;
                let slot = u64::from(slot_of(stage)?.number());
                fact!(slot == stage.get("slot"), "page 1 is in slot {slot}");
                has_stored(stage, 3)
            }),
        step("No: the entries of parent and child name slot {slot}, which has {users} users. The slot is free when both have given it back.")
            .asks("A fork copies this address space. Is the content of page 1 copied to a second slot?")
            .choices(&["Yes", "No"], 1)
            .because("As with frames and copy-on-write, a count of users is enough.")
            .figure(Figure::HardFault)
            .on(Board::Faults, MapMode::Tags)
            .acts(fork)
            .holds(|stage| {
                fact!(stage.get("users") == 2, "the slot has {} users", stage.get("users"));
                let users = users(slot_of(stage)?);
                fact!(users == 1, "the slot has {users} users after the child");
                Ok(())
            }),
        step("The process ends. Its frames and all its slots are free: {left} slots are used.")
            .figure(Figure::HardFault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.end_replay();
                stage.count("left", swap::statistics().used as u64);
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("left") == 0, "{} slots are used", stage.get("left"));
                Ok(())
            }),
    ],
    is_possible: swap::is_on,
    // Otherwise the first hard fault would make the tables.
    prepare: |stage| stage.make_swap_tables(),
};

/// The slot that the entry of page 1 names.
fn slot_of(stage: &Stage) -> Result<SwapSlot, Failure> {
    let address = stage.page_of_replay(1)?;
    let slot = stage.process(stage.number("process"), |process| {
        process.space.swapped(address)
    })?;
    Ok(slot.ok_or("page 1 is not in swap")?)
}

/// Checks how many pages the replay has stored in swap.
fn has_stored(stage: &Stage, stored: u64) -> Outcome {
    let written = stage.replayed()?.written;
    fact!(
        written == stored,
        "{written} pages were stored, not {stored}"
    );
    Ok(())
}

/// The number of users of a slot.
fn users(slot: SwapSlot) -> u64 {
    let mut found = 0;
    swap::for_each_used(|number, users, _| {
        if number == slot.number() {
            found = users.into();
        }
    });
    found
}

/// Copies the address space of the process, counts the users of its slot, and frees the copy.
fn fork(stage: &mut Stage) -> Outcome {
    let slot = slot_of(stage)?;
    let parent = stage.number("process");
    let child = {
        let mut table = TABLE.lock();
        let process = table.get_mut(parent).ok_or(SpaceError::NoProcess)?;
        process.space.fork(parent + 1)?
    };
    stage.count("users", users(slot));
    child.release();
    Ok(())
}
