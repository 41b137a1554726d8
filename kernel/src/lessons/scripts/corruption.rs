//! Heap corruption: made on purpose, detected, reported, and survived.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::memory::heap::corruption::{self, Corruption, Report};
use crate::memory::heap::kmalloc::{KfreeError, kfree, kmalloc};
use crate::memory::heap::{kernel_heap, sites};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::heap::Site;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The bytes of the request.
const BYTES: usize = 100;

pub const LESSON: Lesson = Lesson {
    name: "corruption",
    title: "Heap corruption, detected",
    goal: "four heap errors: detected, reported, survived",
    steps: &[
        step("Nothing yet: the page is mapped, so no fault occurs. But the {redzone} unused bytes of the block hold a pattern: the redzone.")
            .asks("A driver has {bytes} bytes at {victim} and writes one byte past the end. What detects this?")
            .choices(&["The page table", "Nothing yet", "The heap, at once"], 1)
            .because("Not A: the page is mapped and writable, so the write does not fault.")
            .figure(Figure::BlockBytes)
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
                detected(stage, 0)
            }),
        step("Yes: kfree checks the redzone. {written} byte of it is wrong, directly after the ①{bytes} bytes that {owner} allocated.")
            .asks("The driver frees the block. Does the kernel detect the write now, and does it know who allocated the block?")
            .choices(&["No", "Yes, but not who", "Yes, and who"], 2)
            .because("Not B: the heap keeps the call site of each allocation.")
            .figure(Figure::BlockBytes)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                let victim = VirtAddr::new(stage.get("victim"));
                stage.release(victim);
                careless_cleanup(victim)?;
                let Corruption::OutOfBounds { allocation, damage } = last()?.corruption else {
                    return Err(Failure::wrong(format_args!("reported as {:?}", last()?.corruption)));
                };
                stage.count("written", damage.count as u64);
                stage.count("distance", damage.first as u64);
                stage.note("owner", Note::Text(function(allocation.site)));
                Ok(())
            })
            .holds(|stage| {
                detected(stage, 1)?;
                let figures = (stage.get("written"), stage.get("distance"));
                fact!(figures == (1, 0), "{figures:?} were found");
                Ok(())
            }),
        step("Nothing yet: the freed block waits in quarantine, filled with poison. The heap does not reuse it yet, so no other data is damaged.")
            .asks("The driver writes to the freed block: a use after free. What detects this?")
            .choices(&["The page table", "Nothing yet", "The heap, at once"], 1)
            .because("Not A: the block's page stays mapped, because other blocks lie in it.")
            .figure(Figure::BlockBytes)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                write(VirtAddr::new(stage.get("victim")) + 8_u64);
                stage.count("waiting", corruption::waiting().0 as u64);
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("waiting") > 0, "nothing waits in quarantine");
                detected(stage, 1)
            }),
        step("Yes: a use after free of {written} byte at offset {distance}. The report names the functions: {owner} allocated the block, {freer} freed it.")
            .asks("The kernel checks the poison of every block in quarantine. Does it find the write?")
            .choices(&["Yes", "No, the block is free"], 0)
            .because("Not B: a freed block in quarantine must hold the poison and nothing else.")
            .figure(Figure::BlockBytes)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                check_quarantine();
                let Corruption::UseAfterFree { freed, damage } = last()?.corruption else {
                    return Err(Failure::wrong(format_args!("reported as {:?}", last()?.corruption)));
                };
                stage.count("written", damage.count as u64);
                stage.count("distance", damage.first as u64);
                stage.note("freer", Note::Text(function(freed.freed_by)));
                Ok(())
            })
            .holds(|stage| {
                detected(stage, 2)?;
                fact!(stage.get("distance") == 8, "the offset is {}", stage.get("distance"));
                Ok(())
            }),
        step("The heap refuses and reports a double free. If it did not, two later requests could get the same block.")
            .asks("The driver frees the block a second time. What happens, and what could happen if the heap accepted this?")
            .choices(&["Accepted", "Refused, else shared by two", "Refused, else leaked"], 1)
            .because("Not C: a block that is free twice can be handed out twice.")
            .figure(Figure::BlockBytes)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("victim"))
            .acts(|stage| {
                let answer = free_again(VirtAddr::new(stage.get("victim")));
                let named = matches!(answer, Err(KfreeError::DoubleFree { .. }));
                fact!(named, "the answer is {answer:?}");
                Ok(())
            })
            .holds(|stage| detected(stage, 3)),
        step("The heap refuses and reports a wild free. It looks the address up in its own records, and reads nothing at the address itself.")
            .asks("The driver frees an address that no allocation returned: {wild}. What happens?")
            .choices(&["The heap reads there", "The heap refuses", "A page fault"], 1)
            .because("Not C: the heap looks the address up and does not touch it.")
            .figure(Figure::BlockBytes)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                let answer = free_again(VirtAddr::new(stage.get("wild")));
                let named = matches!(answer, Err(KfreeError::Wild(_) | KfreeError::Inside { .. }));
                fact!(named, "the answer is {answer:?}");
                Ok(())
            })
            .holds(|stage| detected(stage, 4)),
        step("It is consistent: a recount of all blocks agrees with its records. The heap detected ①{detected} corruptions, and the kernel continues.")
            .asks("The heap has met four errors. In what state is it now?")
            .choices(&["Damaged", "Consistent", "Empty"], 1)
            .because("Not A: its records lie beside the blocks, where these writes do not reach.")
            .figure(Figure::BlockBytes)
            .on(Board::Heap, MapMode::Tags)
            .acts(|stage| {
                stage.count("detected", corruption::count() - stage.get("before"));
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
        corruption::watch::begin(victim, allocation.bytes, 0);
        Ok(())
    },
};

/// The driver that makes all the errors: reports name this function as the allocating one.
#[inline(never)]
fn careless_driver() -> Result<VirtAddr, Failure> {
    let address = kmalloc(BYTES, Tag::DEVICE)?;
    let content = b"DMA ring of 6 buffers";
    // SAFETY: the allocation has more bytes, and no other code knows it yet.
    unsafe {
        let start = address.as_mut_ptr::<u8>();
        start.copy_from_nonoverlapping(content.as_ptr(), content.len());
    }
    // This use prevents a tail call, whose return address would be in the caller.
    core::hint::black_box(address);
    Ok(address)
}

/// Frees the block: reports name this function as the freeing one.
#[inline(never)]
fn careless_cleanup(address: VirtAddr) -> Outcome {
    kfree(address)?;
    core::hint::black_box(address);
    Ok(())
}

/// Frees an address that is not live: the report names this function.
#[inline(never)]
fn free_again(address: VirtAddr) -> Result<(), KfreeError> {
    let answer = kfree(address);
    core::hint::black_box(answer)
}

/// Checks all blocks in quarantine: the report names this function.
#[inline(never)]
fn check_quarantine() {
    core::hint::black_box(corruption::sweep());
}

/// Writes a byte outside the live allocation.
fn write(address: VirtAddr) {
    // SAFETY: the page is mapped; the byte belongs to a redzone or to a block in the quarantine.
    unsafe { address.as_mut_ptr::<u8>().write_volatile(9) };
    corruption::watch::look();
}

/// The last report.
fn last() -> Result<Report, Failure> {
    corruption::last().ok_or_else(|| Failure::wrong(format_args!("nothing was reported")))
}

/// The name of the function at a call site, without its path.
fn function(site: Site) -> &'static str {
    let name = crate::machine::symbols::name(sites::SiteName(site).address()).function();
    name.rsplit("::").next().unwrap_or(name)
}

/// Checks that this many corruptions were detected since the lesson began.
fn detected(stage: &Stage, expected: u64) -> Outcome {
    let detected = corruption::count() - stage.get("before");
    fact!(
        detected == expected,
        "{detected} corruptions were detected, not {expected}"
    );
    Ok(())
}
