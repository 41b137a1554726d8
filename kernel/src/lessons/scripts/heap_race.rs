//! Heap strategies racing: four ways of placing blocks, on the very same requests.

use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::lessons::{Failure, Lesson, Outcome, fact, step};
use crate::memory::heap::race::{RACE_BLOCKS, Race, Standing};
use alloc::boxed::Box;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::heap::fragmentation::{Thousandths, internal};
use mm::heap::strategy::Strategy;

/// Requests in a beat.
const A_BEAT: usize = 12;
/// Beats of a stretch of the race.
const BEATS: u32 = 45;

pub const LESSON: Lesson = Lesson {
    name: "heap-race",
    title: "Heap strategies, racing",
    steps: &[
        step("Four empty arenas of 1 MiB: two buddy systems and two free lists. All will get the same requests, drawn by lot.")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                stage.race = Some(Box::new(Race::new(7)?));
                Ok(())
            })
            .holds(|stage| {
                for standing in race(stage)?.standings() {
                    fact!(standing.allocated == 0, "{:?} is not empty", standing.strategy);
                }
                Ok(())
            }),
        step("The buddy system that gives whole blocks: {taken-whole} for {requested-whole}, {waste-whole} of it waste. The free list: {waste-list}.")
            .asks("{blocks} blocks of 16 bytes to 32 KiB come and go. Which one will take the most memory for the same blocks?")
            .on(Board::Heap, MapMode::Tags)
            .beats(BEATS)
            .acts(run)
            .holds(|stage| {
                let whole = of(stage, Strategy::BuddyWhole)?;
                for standing in race(stage)?.standings() {
                    let (strategy, waste) = (standing.strategy, internal_fragmentation(&standing));
                    fact!(waste <= internal_fragmentation(&whole), "{strategy:?} wastes {waste}");
                }
                Ok(())
            }),
        step("Trimming: the tail of a power of two that nobody asked for is given back at once. Waste falls from {waste-whole} to {waste-trimmed}.")
            .asks("A block of 17 KiB takes 32 KiB in a buddy system. What could one do about that without giving up buddies?")
            .on(Board::Heap, MapMode::Tags)
            .acts(note)
            .holds(|stage| {
                let whole = internal_fragmentation(&of(stage, Strategy::BuddyWhole)?);
                let trimmed = internal_fragmentation(&of(stage, Strategy::BuddyTrimmed)?);
                fact!(trimmed < whole, "{trimmed} after trimming, {whole} before");
                Ok(())
            }),
        step("The buddies, which need a free power of two, aligned: {refused-whole} (whole blocks), {refused-trimmed} (trimmed). First fit: {refused-list}, best fit: {refused-best}.")
            .asks("The race goes on, and the arenas are nearly full. Who will refuse the most requests?")
            .on(Board::Heap, MapMode::Tags)
            .beats(2 * BEATS)
            .acts(run)
            .holds(|stage| {
                let (mut buddies, mut lists) = (u64::MAX, 0);
                for Standing { strategy, refused, .. } in race(stage)?.standings() {
                    match strategy.is_buddy() {
                        true => buddies = buddies.min(refused),
                        false => lists = lists.max(refused),
                    }
                }
                fact!(buddies > lists, "buddies refused {buddies}, free lists {lists}");
                Ok(())
            }),
        step("In pieces: {largest-whole} (buddy, whole), {largest-trimmed} (trimmed), {largest-list} (first fit), {largest-best} (best fit). It is free, not whole.")
            .asks("Every second block goes back: about half of each arena is free. How large is the largest free piece?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let race = stage.race.as_mut().ok_or("there is no race")?;
                race.thin_out();
                note(stage)
            })
            .holds(|stage| {
                for standing in race(stage)?.standings() {
                    let free = (1 << 20) - standing.allocated;
                    let (strategy, largest) = (standing.strategy, standing.largest);
                    fact!(largest < free, "{strategy:?}: {largest} B of {free} B in one piece");
                }
                Ok(())
            }),
        step("A free list looks through its pieces, the more there are the longer; buddies know where to look. Speed is paid for with waste.")
            .asks("The free lists waste least. Why does this kernel use buddies, trimmed, all the same?")
            .on(Board::Heap, MapMode::Tags),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("blocks", RACE_BLOCKS as u64);
        Ok(())
    },
};

/// Some requests, the same for all.
fn run(stage: &mut Stage) -> Outcome {
    let race = stage.race.as_mut().ok_or("there is no race")?;
    (0..A_BEAT).for_each(|_| race.step());
    note(stage)
}

/// Notes how everybody does.
fn note(stage: &mut Stage) -> Outcome {
    type Names = [&'static str; 5];
    const NAMES: [(Strategy, Names); 4] = [
        (
            Strategy::BuddyWhole,
            [
                "taken-whole",
                "requested-whole",
                "waste-whole",
                "refused-whole",
                "largest-whole",
            ],
        ),
        (
            Strategy::BuddyTrimmed,
            [
                "taken-trimmed",
                "requested-trimmed",
                "waste-trimmed",
                "refused-trimmed",
                "largest-trimmed",
            ],
        ),
        (
            Strategy::FirstFit,
            [
                "taken-list",
                "requested-list",
                "waste-list",
                "refused-list",
                "largest-list",
            ],
        ),
        (
            Strategy::BestFit,
            [
                "taken-best",
                "requested-best",
                "waste-best",
                "refused-best",
                "largest-best",
            ],
        ),
    ];
    for (strategy, [taken, requested, waste, refused, largest]) in NAMES {
        let standing = of(stage, strategy)?;
        stage.bytes(taken, standing.allocated);
        stage.bytes(requested, standing.requested);
        stage.note(waste, Note::Share(internal_fragmentation(&standing)));
        stage.count(refused, standing.refused);
        stage.bytes(largest, standing.largest);
    }
    Ok(())
}

fn race(stage: &Stage) -> Result<&Race, Failure> {
    Ok(stage.race.as_deref().ok_or("there is no race")?)
}

/// How the arena with this strategy does.
fn of(stage: &Stage, strategy: Strategy) -> Result<Standing, Failure> {
    let mut standings = race(stage)?.standings();
    let found = standings.find(|standing| standing.strategy == strategy);
    Ok(found.ok_or("no arena has that strategy")?)
}

/// The share of what is taken that nobody asked for.
fn internal_fragmentation(standing: &Standing) -> Thousandths {
    internal(standing.requested, standing.allocated)
}
