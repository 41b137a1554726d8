//! A leak: memory that is never freed, found by the call site that allocates it.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::memory::checks::leaks::{self, Group, LeakReport};
use crate::memory::heap::kmalloc::{kfree, kmalloc};
use crate::memory::heap::{corruption, sites};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Requests that the kernel serves one after another.
const ROUNDS: u32 = 30;
/// Bytes that each request leaks.
const LEAKED: usize = 1000;

pub const LESSON: Lesson = Lesson {
    name: "leak",
    title: "Finding a leak",
    goal: "memory that is never freed, and the function that allocates it",
    steps: &[
        step("With a mark: one bit beside each allocation says that it is old. The live allocations are marked now.")
            .asks("Some function leaks memory, slowly. How can the kernel separate new allocations from old ones?")
            .choices(&["By their addresses", "By a mark", "By their sizes"], 1)
            .because("Not A: a new allocation may reuse the address of an old one.")
            .figure(Figure::Leaks)
            .conceals()
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
        step("The logs: {count} new allocations are live, {bytes} requested in all. One function allocated all of them: {who}.")
            .asks("The kernel serves {rounds} requests. Each allocates memory for its answer and for its log. Which of them stay live?")
            .choices(&["The answers", "The logs", "Both", "None"], 1)
            .because("Not A: the kernel frees each answer after the request.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .beats(ROUNDS)
            .acts(|stage| {
                serve_one(stage)?;
                let group = largest(&leaks::since_mark())?;
                stage.count("count", group.count);
                stage.bytes("bytes", group.requested);
                stage.note("who", Note::Text(function(&group)));
                Ok(())
            })
            .holds(|stage| {
                let lost = stage.allocations.len();
                fact!(lost == ROUNDS as usize, "{lost} allocations are live");
                let report = leaks::since_mark();
                let count = stage.get("count");
                fact!(count == u64::from(ROUNDS), "{count} allocations in its group");
                fact!(report.groups.len() == 1, "{} call sites", report.groups.len());
                let who = function(&largest(&report)?);
                fact!(who == "write_log", "the report names {who}");
                Ok(())
            }),
        step("{count} allocations, twice as many: each request left one more.")
            .asks("The kernel serves {rounds} more requests. What does the report show then?")
            .choices(&["The same count", "Twice the count", "Nothing"], 1)
            .because("Not A: each request allocates memory for its log again.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .beats(ROUNDS)
            .acts(|stage| {
                serve_one(stage)?;
                let group = largest(&leaks::since_mark())?;
                stage.count("count", group.count);
                Ok(())
            })
            .holds(|stage| {
                let count = stage.get("count");
                fact!(count == 2 * u64::from(ROUNDS), "{count} allocations in its group");
                Ok(())
            }),
        step("No. Steady growth suggests a leak, but a cache that grows looks the same. Only the code of {who} shows which.")
            .asks("The count grows with every request. Does that prove a leak in {who}?")
            .choices(&["Yes", "No"], 1)
            .because("Not A: live and new only means that an allocation is not freed yet.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .holds(|stage| {
                let lost = stage.allocations.len();
                fact!(lost == 2 * ROUNDS as usize, "{lost} allocations are live");
                Ok(())
            }),
        step("None: all {count} are freed. A test that ends without live allocations has leaked nothing since its mark.")
            .asks("The bug in {who} is fixed, and its {count} allocations are freed. How many are live then?")
            .choices(&["All of them", "None"], 1)
            .because("Not A: the report counts a freed allocation as freed.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                while let Some(&address) = stage.allocations.last() {
                    stage.free(address)?;
                }
                // Blocks in quarantine would still look live in the picture.
                corruption::empty_quarantine();
                Ok(())
            })
            .holds(|_| {
                let count = leaks::since_mark().count;
                fact!(count == 0, "{count} allocations are still live");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("rounds", ROUNDS.into());
        Ok(())
    },
};

/// Serves a request; the memory of its log line is never freed.
fn serve_one(stage: &mut Stage) -> Outcome {
    let answer = write_answer()?;
    stage.keep(write_log()?)?;
    kfree(answer)?;
    // Blocks in quarantine would still look live in the picture.
    corruption::empty_quarantine();
    Ok(())
}

/// Allocates the answer of a request.
#[inline(never)]
fn write_answer() -> Result<VirtAddr, Failure> {
    let answer = kmalloc(3000, Tag::KERNEL)?;
    core::hint::black_box(answer);
    Ok(answer)
}

/// Allocates the log line of a request: the report names this function.
#[inline(never)]
fn write_log() -> Result<VirtAddr, Failure> {
    let line = kmalloc(LEAKED, Tag::CACHE)?;
    core::hint::black_box(line);
    Ok(line)
}

/// The call site with the most bytes.
fn largest(report: &LeakReport) -> Result<Group, Failure> {
    let first = report.groups.first().copied();
    first.ok_or_else(|| Failure::wrong(format_args!("the report is empty")))
}

/// The name of the function that allocates, without its path.
fn function(group: &Group) -> &'static str {
    let address = sites::SiteName(group.site).address();
    let name = crate::machine::symbols::name(address).function();
    name.rsplit("::").next().unwrap_or(name)
}
