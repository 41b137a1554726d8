//! A leak: memory that is never freed, found by the call site that allocates it.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::memory::checks::leaks::{self, Group, LeakReport};
use crate::memory::heap::kmalloc::{kfree, kmalloc};
use crate::memory::heap::{corruption, kernel_heap, sites};
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
            .asks("Some function leaks memory, slowly. {live} allocations are live. How can the kernel separate new ones from old ones?")
            .choices(&["By their addresses", "By a mark", "By their sizes"], 1)
            .because("Not A: a new allocation may reuse the address of an old one.")
            .figure(Figure::Leaks)
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
        step("The kernel has served {rounds} requests. Each allocated memory for its answer and its log. Some of it, of the owner cache, is still live.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .meanwhile("The kernel serves requests, one after another.")
            .beats(ROUNDS)
            .acts(|stage| {
                stage.count("rounds", ROUNDS.into());
                serve_one(stage)
            })
            .holds(|stage| {
                let lost = stage.allocations.len();
                fact!(lost == ROUNDS as usize, "{lost} allocations are live");
                Ok(())
            }),
        step("{count} new allocations are live, {bytes} requested in all. One function allocated all of them: {who}.")
            .asks("The heap keeps the call site of each allocation. The report groups the new allocations by call site. What does it show?")
            .choices(&["Many functions", "One function", "Only addresses"], 1)
            .because("Not A: the other allocations since the mark are free again.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let group = largest(&leaks::since_mark())?;
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
                let who = function(&largest(&report)?);
                fact!(who == "write_log", "the report names {who}");
                Ok(())
            }),
        step("Not necessarily: its owner may free it later. The kernel has now served {rounds} more requests, to show whether the count grows.")
            .asks("Is each allocation in the report a leak?")
            .choices(&["Yes", "Not necessarily"], 1)
            .because("Not A: live and new only means that it is not freed yet.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .beats(ROUNDS)
            .acts(serve_one)
            .holds(|stage| {
                let lost = stage.allocations.len();
                fact!(lost == 2 * ROUNDS as usize, "{lost} allocations are live");
                Ok(())
            }),
        step("{count} allocations, twice as many, all by {who}. Steady growth suggests a leak, but a growing cache looks the same.")
            .asks("What does the report show now, if {who} leaks?")
            .choices(&["The same count", "About twice the count", "Nothing"], 1)
            .because("Not A: each request leaks once more.")
            .figure(Figure::Leaks)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let group = largest(&leaks::since_mark())?;
                stage.count("count", group.count);
                Ok(())
            })
            .holds(|stage| {
                let count = stage.get("count");
                fact!(count == 2 * u64::from(ROUNDS), "{count} allocations in its group");
                Ok(())
            }),
        step("Nothing: the {count} allocations are free. A test that ends with an empty report has leaked nothing since its mark.")
            .asks("The bug in {who} is fixed, and its {count} allocations are freed. What does the report show then?")
            .choices(&["The old count", "Nothing"], 1)
            .because("Not A: the report lists live allocations only.")
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
        stage.count("live", kernel_heap::lock().statistics().allocations);
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
