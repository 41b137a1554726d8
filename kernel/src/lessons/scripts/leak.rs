//! A leak: memory that somebody forgets to give back, found with the place where it was asked for.

use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::lessons::{Failure, Lesson, Outcome, fact, step};
use crate::memory::checks::leaks::{self, Group, LeakReport};
use crate::memory::heap::kmalloc::{kfree, kmalloc};
use crate::memory::heap::{corruption, kernel_heap, sites};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Requests that are served in a row.
const ROUNDS: u32 = 30;
/// Bytes that each loses.
const LOST: usize = 1000;

pub const LESSON: Lesson = Lesson {
    name: "leak",
    title: "A leak, found",
    steps: &[
        step("By a mark: beside each allocation is one bit that says whether it was there already. Those {live} are old now.")
            .asks("Something loses memory, slowly. {live} allocations are live: how could one tell those that are lost?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|_| {
                leaks::mark();
                Ok(())
            })
            .holds(|_| {
                let count = leaks::since_mark().count;
                fact!(count == 0, "{count} allocations are new");
                Ok(())
            }),
        step("{rounds} requests were served: each took memory for its answer and for its log. Something of that is still there: it is white.")
            .on(Board::Heap, MapMode::Tags)
            .meanwhile("Requests are served, one after the other.")
            .beats(ROUNDS)
            .acts(|stage| {
                stage.count("rounds", ROUNDS.into());
                serve_one(stage)
            })
            .holds(|stage| {
                let lost = stage.allocations.len();
                fact!(lost == ROUNDS as usize, "{lost} allocations stayed");
                Ok(())
            }),
        step("{count} new allocations are live, {bytes} in all, and all were asked for by one function: {who}.")
            .asks("With each is kept which place in the code asked for it. The report groups the new ones by that. What will it show?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let group = worst(&leaks::since_mark())?;
                stage.count("count", group.count);
                stage.bytes("bytes", group.requested);
                stage.note("who", Note::Text(function(&group)));
                Ok(())
            })
            .holds(|stage| {
                let report = leaks::since_mark();
                let count = stage.get("count");
                fact!(count == u64::from(ROUNDS), "{count} allocations in its group");
                fact!(report.groups.len() == 1, "{} call sites", report.groups.len());
                let who = function(&worst(&report)?);
                fact!(who == "write_log", "the report names {who}");
                Ok(())
            }),
        step("Not for sure: it may be given back later. So one looks again: {rounds} requests more are served, to see whether it grows.")
            .asks("Is everything that the report shows a leak?")
            .on(Board::Heap, MapMode::Tags)
            .beats(ROUNDS)
            .acts(serve_one)
            .holds(|stage| {
                let lost = stage.allocations.len();
                fact!(lost == 2 * ROUNDS as usize, "{lost} allocations stayed");
                Ok(())
            }),
        step("{count} allocations now, twice as many, by {who} alone. What grows with every request is a leak.")
            .asks("What will the report say this time, if {who} leaks?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let group = worst(&leaks::since_mark())?;
                stage.count("count", group.count);
                Ok(())
            })
            .holds(|stage| {
                let count = stage.get("count");
                fact!(count == 2 * u64::from(ROUNDS), "{count} allocations in its group");
                Ok(())
            }),
        step("Nothing: {who} is mended and has given all of it back. A test that ends with an empty report shows that nothing it did leaks.")
            .asks("{who} is mended, and gives back what it had. What does the report show then?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                while let Some(&address) = stage.allocations.last() {
                    stage.free(address)?;
                }
                Ok(())
            })
            .holds(|_| {
                let count = leaks::since_mark().count;
                fact!(count == 0, "{count} allocations are still there");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("live", kernel_heap::lock().statistics().allocations);
        Ok(())
    },
};

/// Serves a request; what it logs is never given back.
fn serve_one(stage: &mut Stage) -> Outcome {
    let answer = write_answer()?;
    stage.keep(write_log()?)?;
    kfree(answer)?;
    // So that the picture shows only what stays.
    corruption::empty_quarantine();
    Ok(())
}

#[inline(never)]
fn write_answer() -> Result<VirtAddr, Failure> {
    let answer = kmalloc(3000, Tag::KERNEL)?;
    core::hint::black_box(answer);
    Ok(answer)
}

#[inline(never)]
fn write_log() -> Result<VirtAddr, Failure> {
    let line = kmalloc(LOST, Tag::CACHE)?;
    core::hint::black_box(line);
    Ok(line)
}

/// The call site with the most bytes.
fn worst(report: &LeakReport) -> Result<Group, Failure> {
    let first = report.groups.first().copied();
    first.ok_or_else(|| Failure::wrong(format_args!("the report is empty")))
}

/// The name of the function, without its path.
fn function(group: &Group) -> &'static str {
    let address = sites::Place(group.site).address();
    let name = crate::machine::symbols::name(address).function();
    name.rsplit("::").next().unwrap_or(name)
}
