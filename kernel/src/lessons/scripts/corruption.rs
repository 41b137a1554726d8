//! Corruption of the heap: committed on purpose, caught, named, and survived.

use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::lessons::{Failure, Lesson, Outcome, fact, step};
use crate::memory::heap::corruption::{self, Corruption, Report};
use crate::memory::heap::kmalloc::{KfreeError, kfree, kmalloc};
use crate::memory::heap::{kernel_heap, sites};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::heap::Site;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// What is asked for.
const BYTES: usize = 100;

pub const LESSON: Lesson = Lesson {
    name: "corruption",
    title: "Corruption, caught",
    steps: &[
        step("Nobody, yet: no page ends there, so no fault. But the {redzone} bytes of its block behind the end have a pattern: the redzone.")
            .asks("Somebody has {bytes} bytes at {victim}, and writes one byte too far. Who will notice?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                stage.count("before", corruption::count());
                stage.mark_faults();
                write(VirtAddr::new(stage.get("victim")) + BYTES as u64);
                Ok(())
            })
            .holds(|stage| {
                stage.had_faults(0, None)?;
                caught(stage, 0)
            }),
        step("Now: the redzone is looked at. {written} byte of it is wrong, right behind the {bytes} bytes, which {owner} asked for.")
            .asks("The block is given back. Will the kernel notice now? And will it know whose block it was?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                let victim = VirtAddr::new(stage.get("victim"));
                stage.disown(victim);
                careless_cleanup(victim)?;
                let Corruption::OutOfBounds { allocation, damage } = last()?.corruption else {
                    return Err(Failure::wrong(format_args!("classified as {:?}", last()?.corruption)));
                };
                stage.count("written", damage.count as u64);
                stage.count("distance", damage.first as u64);
                stage.note("owner", Note::Text(function(allocation.site)));
                Ok(())
            })
            .holds(|stage| {
                caught(stage, 1)?;
                let figures = (stage.get("written"), stage.get("distance"));
                fact!(figures == (1, 0), "{figures:?} were found");
                Ok(())
            }),
        step("Nobody: what was given back waits in quarantine, filled with poison. It is not handed out yet, so nobody else is harmed.")
            .asks("It was given back, and its old owner writes into it once more: use after free. Who will notice?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                write(VirtAddr::new(stage.get("victim")) + 8_u64);
                stage.count("waiting", corruption::waiting().0 as u64);
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("waiting") > 0, "nothing waits in quarantine");
                caught(stage, 1)
            }),
        step("Yes: use after free, {written} byte, {distance} bytes inside the block; allocated by {owner}, freed by {freer}.")
            .asks("The kernel now looks at everything in quarantine. Will it find the write?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                corruption::sweep();
                let Corruption::UseAfterFree { freed, damage } = last()?.corruption else {
                    return Err(Failure::wrong(format_args!("classified as {:?}", last()?.corruption)));
                };
                stage.count("written", damage.count as u64);
                stage.count("distance", damage.first as u64);
                stage.note("freer", Note::Text(function(freed.freed_by)));
                Ok(())
            })
            .holds(|stage| {
                caught(stage, 2)?;
                fact!(stage.get("distance") == 8, "{} bytes inside", stage.get("distance"));
                Ok(())
            }),
        step("Refused, and named: a double free. Believed, it would be handed out twice one day, to two owners who know nothing of each other.")
            .asks("Its old owner gives it back a second time. What would come of it if the heap believed him?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                let answer = kfree(VirtAddr::new(stage.get("victim")));
                let named = matches!(answer, Err(KfreeError::DoubleFree { .. }));
                fact!(named, "the answer is {answer:?}");
                Ok(())
            })
            .holds(|stage| caught(stage, 3)),
        step("Refused: a wild free. The heap's records lie beside its blocks and not inside them, so no pointer can lead it astray.")
            .asks("And if somebody gives back an address in the middle of nowhere: {wild}?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let answer = kfree(VirtAddr::new(stage.get("wild")));
                let named = matches!(answer, Err(KfreeError::Wild(_) | KfreeError::Inside { .. }));
                fact!(named, "the answer is {answer:?}");
                Ok(())
            })
            .holds(|stage| caught(stage, 4)),
        step("In order: every count and every block is as it should be. {corruptions} corruptions, all named, and the machine goes on.")
            .asks("Four corruptions in a row. In what state is the heap now?")
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                stage.count("corruptions", corruption::count() - stage.get("before"));
                Ok(())
            })
            .holds(|_| {
                let valid = kernel_heap::lock().validate();
                fact!(valid.is_ok(), "{valid:?}");
                Ok(())
            }),
    ],
    is_possible: corruption::is_on,
    prepare: |stage| {
        let victim = careless_driver()?;
        stage.keep(victim)?;
        stage.address("victim", victim);
        stage.address("wild", VirtAddr::new(0xffff_b000_1234_5678));
        stage.count("bytes", BYTES as u64);
        let allocation = kernel_heap::lock().live(victim)?;
        stage.count("redzone", allocation.bytes - allocation.requested);
        Ok(())
    },
};

/// The one who does all this: a name in the report.
#[inline(never)]
fn careless_driver() -> Result<VirtAddr, Failure> {
    let address = kmalloc(BYTES, Tag::DEVICE)?;
    // Something after the call, or its return address is in the caller.
    core::hint::black_box(address);
    Ok(address)
}

/// The same, when he is done.
#[inline(never)]
fn careless_cleanup(address: VirtAddr) -> Outcome {
    kfree(address)?;
    core::hint::black_box(address);
    Ok(())
}

/// Writes where it should not.
fn write(address: VirtAddr) {
    // SAFETY: the page is mapped; the byte belongs to a redzone or to a block in the quarantine.
    unsafe { address.as_mut_ptr::<u8>().write_volatile(9) };
}

fn last() -> Result<Report, Failure> {
    corruption::last().ok_or_else(|| Failure::wrong(format_args!("nothing was reported")))
}

/// The name of the function at a call site, without its path.
fn function(site: Site) -> &'static str {
    let name = crate::machine::symbols::name(sites::Place(site).address()).function();
    name.rsplit("::").next().unwrap_or(name)
}

/// Whether so many corruptions were caught since the lesson began.
fn caught(stage: &Stage, wanted: u64) -> Outcome {
    let caught = corruption::count() - stage.get("before");
    fact!(
        caught == wanted,
        "{caught} corruptions were caught, not {wanted}"
    );
    Ok(())
}
