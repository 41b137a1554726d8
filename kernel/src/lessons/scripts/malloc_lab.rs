//! The malloc lab: traces of requests, each made for the weakness of one strategy.
//!
//! The traces are the files that `just workload` plays on the host.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::memory::heap::lab::Lab;
use crate::memory::heap::try_box;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::heap::fragmentation::Thousandths;
use mm::heap::strategy::Strategy;
use mm::heap::workload::{self, Request};

const FIRST_FIT: &str = include_str!("../../../../traces/first-fit.rep");
const BUDDIES: &str = include_str!("../../../../traces/buddies.rep");
const SIZE_CLASSES: &str = include_str!("../../../../traces/size-classes.rep");
const REALLOC: &str = include_str!("../../../../traces/realloc.rep");

/// The lines before the first request of a trace.
const HEADER: usize = 4;
/// Requests of the first trace before its holes.
const FILL: usize = 15;
/// Requests in a beat, and beats of the longest trace.
const A_BEAT: usize = 30;
const BEATS: u32 = 41;

pub const LESSON: Lesson = Lesson {
    name: "malloc-lab",
    title: "The malloc lab",
    goal: "requests that one heap strategy cannot serve and another one can",
    steps: &[
        step("{fill} blocks fill most of two arenas of 1 MiB, and both strategies place them alike. Each rectangle is a block: addresses up, requests across.")
            .figure(Figure::HeapMap)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                open(stage, &[Strategy::FirstFit, Strategy::BestFit], FIRST_FIT)?;
                play(stage, FIRST_FIT, 0, FILL)
            })
            .holds(|stage| {
                let [first, best] = outcomes(stage, [Strategy::FirstFit, Strategy::BestFit])?;
                fact!(first == best, "first fit {first}, best fit {best}");
                Ok(())
            }),
        step("First fit: it puts 2,000 B at the start of the hole of 128 KiB, and 130,000 B no longer fit there. Best fit takes the hole of 2 KiB.")
            .asks("A block of 128 KiB and one of 2 KiB are freed. Then 2,000 B are requested, and 130,000 B twice. Which strategy refuses a request?")
            .choices(&["First fit", "Best fit", "Neither"], 0)
            .because("Not B: best fit takes the smallest hole that is large enough.")
            .figure(Figure::HeapMap)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| play(stage, FIRST_FIT, FILL, usize::MAX))
            .holds(|stage| failures_are(stage, [Strategy::FirstFit, Strategy::BestFit], [1, 0])),
        step("32: each block takes an aligned 32 KiB, and 1 MiB has 32 of them. The buddy system refuses {refused} requests, first fit none.")
            .asks("40 blocks of 17,000 B are requested, 680,000 B of an arena of 1 MiB. How many can a buddy system serve?")
            .choices(&["20", "32", "All 40"], 1)
            .because("Not C: a block of 17,000 B is larger than 16 KiB, so it takes 32 KiB.")
            .figure(Figure::HeapMap)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                open(stage, &[Strategy::BuddyWhole, Strategy::FirstFit], BUDDIES)?;
                play(stage, BUDDIES, 0, usize::MAX)?;
                note_refused(stage, Strategy::BuddyWhole)
            })
            .holds(|stage| failures_are(stage, [Strategy::BuddyWhole, Strategy::FirstFit], [8, 0])),
        step("Segregated lists refuse {refused}: the freed blocks wait in the list of 16,000 B, and no request of that size comes. First fit merges them.")
            .asks("40 blocks of 16,000 B are allocated and all freed. Then 24 blocks of 30,000 B are requested. Which strategy refuses some of them?")
            .choices(&["First fit", "Segregated lists", "Neither"], 1)
            .because("Not C: an empty arena is not one free block if blocks never merge.")
            .figure(Figure::HeapMap)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                open(stage, &[Strategy::FirstFit, Strategy::Segregated], SIZE_CLASSES)?;
                play(stage, SIZE_CLASSES, 0, usize::MAX)?;
                note_refused(stage, Strategy::Segregated)
            })
            .holds(|stage| failures_are(stage, [Strategy::FirstFit, Strategy::Segregated], [0, 12])),
        step("TLSF: the block moves once, then grows into the free block after it. Utilisation is {tlsf} with TLSF and {segregated} with segregated lists.")
            .asks("One block grows by 1 KiB 400 times, while small blocks come and go. With which strategy does the heap stay as small as its blocks?")
            .choices(&["TLSF", "Segregated lists", "Both"], 0)
            .because("Not B: a block of another class is another block, so the old one stays behind as a hole.")
            .figure(Figure::HeapMap)
            .on(Board::Heap, MapMode::Tags)
            .beats(BEATS)
            .acts(|stage| {
                if stage.beat == 0 {
                    open(stage, &[Strategy::Segregated, Strategy::Tlsf], REALLOC)?;
                }
                let first = stage.beat as usize * A_BEAT;
                play(stage, REALLOC, first, first + A_BEAT)?;
                note_utilisation(stage, "tlsf", Strategy::Tlsf)?;
                note_utilisation(stage, "segregated", Strategy::Segregated)
            })
            .holds(|stage| {
                let [tlsf] = outcomes(stage, [Strategy::Tlsf])?;
                let all = requests(REALLOC).count() as u64;
                fact!(tlsf.requests == all, "{} of {all} requests", tlsf.requests);
                let part = utilisation(tlsf);
                fact!(part > Thousandths(900), "the utilisation of TLSF is {part}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("fill", FILL as u64);
        Ok(())
    },
};

/// The requests of a trace of the malloc lab.
fn requests(trace: &'static str) -> impl Iterator<Item = Request> {
    trace.lines().skip(HEADER).filter_map(|line| {
        let mut words = line.split(' ');
        let kind = words.next()?;
        let mut number = || words.next()?.parse::<u64>().ok();
        let block = number()? as usize;
        Some(match kind {
            "a" => Request::Allocate {
                block,
                bytes: number()?,
            },
            "r" => Request::Resize {
                block,
                bytes: number()?,
            },
            _ => Request::Free { block },
        })
    })
}

/// Opens empty arenas for a trace; those of the trace before close.
fn open(stage: &mut Stage, strategies: &[Strategy], trace: &'static str) -> Outcome {
    stage.lab = None;
    let blocks = requests(trace).filter_map(Request::block).max();
    let id = workload::id(trace.as_bytes(), requests(trace).count());
    let lab = Lab::new(strategies, blocks.map_or(0, |last| last + 1), id)?;
    stage.lab = Some(try_box(lab)?);
    Ok(())
}

/// Plays a part of a trace.
fn play(stage: &mut Stage, trace: &'static str, first: usize, end: usize) -> Outcome {
    let lab = stage.lab.as_mut().ok_or("there is no arena")?;
    for request in requests(trace).take(end).skip(first) {
        lab.play(request);
    }
    Ok(())
}

fn outcomes<const N: usize>(
    stage: &Stage,
    strategies: [Strategy; N],
) -> Result<[workload::Outcome; N], Failure> {
    let lab = stage.lab.as_deref().ok_or("there is no arena")?;
    let found = strategies.map(|strategy| lab.outcome(strategy));
    match found.iter().all(Option::is_some) {
        true => Ok(found.map(Option::unwrap)),
        false => Err("a strategy has no arena".into()),
    }
}

fn failures_are(stage: &Stage, strategies: [Strategy; 2], expected: [u64; 2]) -> Outcome {
    let found = outcomes(stage, strategies)?.map(|outcome| outcome.failures);
    fact!(
        found == expected,
        "{found:?} refused requests, not {expected:?}"
    );
    Ok(())
}

fn note_refused(stage: &mut Stage, strategy: Strategy) -> Outcome {
    let [outcome] = outcomes(stage, [strategy])?;
    stage.count("refused", outcome.failures);
    Ok(())
}

fn note_utilisation(stage: &mut Stage, name: &'static str, strategy: Strategy) -> Outcome {
    let [outcome] = outcomes(stage, [strategy])?;
    stage.note(name, Note::Share(utilisation(outcome)));
    Ok(())
}

/// The utilisation as the malloc lab counts it.
fn utilisation(outcome: workload::Outcome) -> Thousandths {
    Thousandths::of(outcome.peak_requested, outcome.peak_heap)
}
