//! A race of heap strategies: four ways to place blocks, with the same requests.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::measure::cost::Unit;
use crate::memory::heap::race::{RACE_BLOCKS, Race, Standing};
use crate::memory::heap::try_box;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::heap::fragmentation::{Thousandths, internal};
use mm::heap::strategy::Strategy;

/// Requests in a beat.
const A_BEAT: usize = 12;
/// Beats of one part of the race.
const BEATS: u32 = 45;

pub const LESSON: Lesson = Lesson {
    name: "heap-race",
    title: "A race of heap strategies",
    goal: "four ways to place blocks, with the same requests",
    steps: &[
        step("Four empty arenas of 1 MiB: two buddy systems and two free lists. All will get the same random requests.")
            .figure(Figure::Race)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                stage.race = Some(try_box(Race::new(7)?)?);
                Ok(())
            })
            .holds(|stage| {
                for standing in race(stage)?.standings() {
                    fact!(standing.allocated == 0, "{:?} is not empty", standing.strategy);
                }
                Ok(())
            }),
        step("The top row, a buddy system with whole blocks: {allocated-whole} for {requested-whole} requested. Its internal fragmentation is ①{internal-whole}, first fit's ②{internal-list}.")
            .asks("Up to {blocks} blocks of 16 B to 32 KiB are live at a time. Which arena uses the most memory for the same blocks?")
            .choices(&["Buddy, whole blocks", "Buddy, trimmed", "First fit", "Best fit"], 0)
            .because("Not C: a free list splits a block to the size of the request.")
            .figure(Figure::Race)
            .on(Board::Heap, MapMode::Tags)
            .beats(BEATS)
            .acts(run)
            .holds(|stage| {
                let whole = of(stage, Strategy::BuddyWhole)?;
                for standing in race(stage)?.standings() {
                    let (strategy, internal) = (standing.strategy, internal_fragmentation(&standing));
                    fact!(internal <= internal_fragmentation(&whole), "{strategy:?} has {internal} internal fragmentation");
                }
                Ok(())
            }),
        step("It frees the unused tail of each block at once. Internal fragmentation falls from ①{internal-whole} to ②{internal-trimmed}.")
            .asks("The second row is a buddy system, too, and serves 17 KiB from a block of 32 KiB. Why is hardly a block hatched?")
            .choices(&["It rounds up less", "It frees the unused tail", "Its requests are smaller"], 1)
            .because("Not A: buddies need powers of two; the tail is freed in smaller ones.")
            .figure(Figure::Race)
            .on(Board::Heap, MapMode::Tags)
            .acts(note)
            .holds(|stage| {
                let whole = internal_fragmentation(&of(stage, Strategy::BuddyWhole)?);
                let trimmed = internal_fragmentation(&of(stage, Strategy::BuddyTrimmed)?);
                fact!(trimmed < whole, "{trimmed} after trimming, {whole} before");
                Ok(())
            }),
        step("The buddy systems, which need an aligned power of two: {refused-whole} (whole), {refused-trimmed} (trimmed). First fit refuses {refused-list}, best fit {refused-best}.")
            .asks("The race continues in fragmented arenas. Which strategies refuse the most requests?")
            .choices(&["The buddy systems", "The free lists", "All refuse alike"], 0)
            .because("Not B: a free list takes any free block that is long enough.")
            .figure(Figure::Race)
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
        step("{least-free} to {most-free} is free, but not contiguous. Largest free block: {largest-whole} (whole), {largest-trimmed} (trimmed), {largest-list} (first fit), {largest-best} (best fit).")
            .asks("Every second block is freed. What share of each arena is free then, and how large is the largest free block?")
            .choices(&["Most, and most of it", "Half, in one block", "Much, in small blocks"], 2)
            .because("Not B: the blocks that stay live separate the free ones.")
            .figure(Figure::Race)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let race = stage.race.as_mut().ok_or("there is no race")?;
                race.free_every_second();
                note(stage)?;
                note_free(stage)
            })
            .holds(|stage| {
                for standing in race(stage)?.standings() {
                    let free = (1 << 20) - standing.allocated;
                    let (strategy, largest) = (standing.strategy, standing.largest);
                    fact!(largest < free, "{strategy:?}: {largest} B of {free} B are contiguous");
                }
                Ok(())
            }),
        step("At most a few splits and merges for each size; a list's tree has no fixed depth. Here a request took ①{cost-trimmed} {unit}, first fit ②{cost-list}, whole blocks ③{cost-whole}.")
            .asks("The free lists have the least internal fragmentation. Why does this kernel still use a trimmed buddy heap?")
            .choices(&["Least fragmentation", "Its work is bounded", "It never fragments"], 1)
            .because("Not A: the free lists have less internal fragmentation.")
            .figure(Figure::Race)
            .on(Board::Heap, MapMode::Tags),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("blocks", RACE_BLOCKS as u64);
        Ok(())
    },
};

/// Runs the requests of one beat in all arenas.
fn run(stage: &mut Stage) -> Outcome {
    let race = stage.race.as_mut().ok_or("there is no race")?;
    (0..A_BEAT).for_each(|_| race.step());
    race.record_costs();
    note(stage)
}

/// Notes the figures of every arena.
fn note(stage: &mut Stage) -> Outcome {
    type Names = [&'static str; 6];
    const NAMES: [(Strategy, Names); 4] = [
        (
            Strategy::BuddyWhole,
            [
                "allocated-whole",
                "requested-whole",
                "internal-whole",
                "refused-whole",
                "largest-whole",
                "cost-whole",
            ],
        ),
        (
            Strategy::BuddyTrimmed,
            [
                "allocated-trimmed",
                "requested-trimmed",
                "internal-trimmed",
                "refused-trimmed",
                "largest-trimmed",
                "cost-trimmed",
            ],
        ),
        (
            Strategy::FirstFit,
            [
                "allocated-list",
                "requested-list",
                "internal-list",
                "refused-list",
                "largest-list",
                "cost-list",
            ],
        ),
        (
            Strategy::BestFit,
            [
                "allocated-best",
                "requested-best",
                "internal-best",
                "refused-best",
                "largest-best",
                "cost-best",
            ],
        ),
    ];
    stage.note("unit", Note::Text(Unit::find().words()));
    for (strategy, [allocated, requested, internal, refused, largest, cost]) in NAMES {
        let standing = of(stage, strategy)?;
        stage.bytes(allocated, standing.allocated);
        stage.bytes(requested, standing.requested);
        stage.note(internal, Note::Share(internal_fragmentation(&standing)));
        stage.count(refused, standing.refused);
        stage.bytes(largest, standing.largest);
        stage.count(cost, standing.cost.into());
    }
    Ok(())
}

/// Notes the smallest and the largest free share of an arena.
fn note_free(stage: &mut Stage) -> Outcome {
    const WHOLE: u64 = 1 << 20;
    let allocated = || race(stage).map(|race| race.standings().map(|standing| standing.allocated));
    let least = WHOLE - allocated()?.max().unwrap_or_default();
    let most = WHOLE - allocated()?.min().unwrap_or_default();
    for (name, part) in [("least-free", least), ("most-free", most)] {
        stage.note(name, Note::Percent { part, whole: WHOLE });
    }
    Ok(())
}

fn race(stage: &Stage) -> Result<&Race, Failure> {
    Ok(stage.race.as_deref().ok_or("there is no race")?)
}

/// The figures of the arena with this strategy.
fn of(stage: &Stage, strategy: Strategy) -> Result<Standing, Failure> {
    let mut standings = race(stage)?.standings();
    let found = standings.find(|standing| standing.strategy == strategy);
    Ok(found.ok_or("no arena has that strategy")?)
}

/// Internal fragmentation: the unused share of the allocated bytes.
fn internal_fragmentation(standing: &Standing) -> Thousandths {
    internal(standing.requested, standing.allocated)
}
