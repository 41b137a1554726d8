//! The TLB: the CPU remembers translations, and the kernel must make it forget those that changed.
//!
//! Each frame of the lesson holds its own address, so a read says which frame it reached. The
//! answers are what this CPU did. Where an emulated CPU differs from a real one, the answer says
//! so.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::machine::cpu::Features;
use crate::memory::paging::{kernel_space, layout};
use crate::memory::physical::frames;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::Access;
use mm::tag::Tag;
use x86_64::instructions::interrupts::without_interrupts;
use x86_64::instructions::tlb;
use x86_64::registers::control::Cr3;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// The page that the lesson maps; nothing else is mapped near it.
const PAGE: VirtAddr = VirtAddr::new(layout::DEMAND_ZERO.as_u64() + (9 << 30));

pub const LESSON: Lesson = Lesson {
    name: "tlb",
    title: "The TLB: translations that the CPU remembers",
    goal: "a changed entry that the CPU does not see; invlpg; global pages",
    steps: &[
        step("The selected page is mapped to frame ①{old}. A second frame is not mapped. Each frame holds its own address, so a read says where it ended.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(prepare)
            .holds(|stage| {
                let found = read();
                fact!(found == stage.get("old"), "the read reaches {found:#x}");
                Ok(())
            }),
        step("{stale}")
            .asks("The CPU reads the page. Then the kernel changes its entry to frame {new}, and nothing else. Where does the next read end?")
            .choices(&["In the old frame", "In the new frame", "In a page fault"], 0)
            .because("Not B: the TLB has the translation, so the CPU does not look at the tables.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                let seen = seen(stage, Access::empty(), || {})?;
                let words = match seen == stage.get("old") {
                    true => "In the old frame: the entry named the new one, but the TLB had the old translation. After that the kernel restored the entry.",
                    false => "Here it ended in the new frame: this CPU had dropped the translation. A CPU may, but need not.",
                };
                stage.note("stale", Note::Text(words));
                Ok(())
            }),
        step("In the new frame. invlpg drops the translation of one page, so the next access walks the tables.")
            .asks("The same again, but the kernel executes invlpg for this page after the change. Where does the read end?")
            .choices(&["In the old frame", "In the new frame"], 1)
            .because("A change of an entry without invlpg is a bug that shows only sometimes.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                let seen = seen(stage, Access::empty(), || tlb::flush(PAGE))?;
                stage.note("flushed", Note::Address(seen));
                Ok(())
            })
            .holds(|stage| reached_new(stage, "flushed")),
        step("In the new frame. A load of CR3 drops every translation that is not global: a switch between processes does it.")
            .asks("Instead of invlpg, the kernel loads CR3 with the same root again. Where does the read end?")
            .choices(&["In the old frame", "In the new frame"], 1)
            .because("Not A: with new tables, old translations would be wrong.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                let seen = seen(stage, Access::empty(), load_cr3)?;
                stage.note("reloaded", Note::Address(seen));
                Ok(())
            })
            .holds(|stage| reached_new(stage, "reloaded")),
        step("{global}")
            .asks("The entry gets the global bit, as all pages of the kernel have it. Does the translation survive a load of CR3?")
            .needs(Features::PGE)
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                let seen = seen(stage, Access::GLOBAL, load_cr3)?;
                let words = match seen == stage.get("old") {
                    true => "Yes: the read ended in the old frame. So a switch between processes keeps the kernel's translations.",
                    false => "Not here: this CPU, perhaps an emulated one, drops all at a load of CR3. A real CPU keeps global translations.",
                };
                stage.note("global", Note::Text(words));
                Ok(())
            }),
        step("In the new frame. invlpg drops global translations too. In this kernel each change returns a token that must be flushed.")
            .asks("And a global page after invlpg? Where does the read end?")
            .choices(&["In the old frame", "In the new frame"], 1)
            .because("Otherwise the kernel could never change a global page.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                let seen = seen(stage, Access::GLOBAL, || tlb::flush(PAGE))?;
                stage.note("both", Note::Address(seen));
                Ok(())
            })
            .holds(|stage| reached_new(stage, "both")),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

/// Maps the page, and stores its own address in each frame.
fn prepare(stage: &mut Stage) -> Outcome {
    stage.map_page(PAGE, Tag::KERNEL)?;
    let new = stage.allocate_frame(Tag::KERNEL)?;
    let mapping = kernel_space::lock().lookup(PAGE);
    let old = frames::frame_at(mapping.ok_or("the page is not mapped")?.physical);
    for frame in [old, new] {
        let address = frame.start_address();
        // SAFETY: the lesson owns both frames, and nothing else refers to their content.
        unsafe {
            frames::pointer(address)
                .cast::<u64>()
                .write(address.as_u64());
        }
    }
    stage.address("page", PAGE);
    stage.frame("old", old);
    stage.frame("new", new);
    Ok(())
}

/// Reads the page, which returns the address of the frame that the read ends in.
fn read() -> u64 {
    // SAFETY: the lesson has mapped the page, and its frames hold a number.
    unsafe { PAGE.as_ptr::<u64>().read_volatile() }
}

/// Reads the page, changes its entry to the new frame, calls `forget`, and reads again. Restores
/// the entry, and returns the address of the frame that the second read ended in.
fn seen(stage: &Stage, global: Access, forget: fn()) -> Result<u64, Failure> {
    let frame = |name| PhysAddr::new(stage.get(name));
    let (old, new) = (frame("old"), frame("new"));
    let access = Access::WRITE | global;
    without_interrupts(|| {
        kernel_space::lock().protect(PAGE, access)?.flush();
        let before = read();
        let (_, flush) = kernel_space::lock().replace(PAGE, new, access)?;
        forget();
        let seen = read();
        flush.flush();
        let after = read();
        let (_, flush) = kernel_space::lock().replace(PAGE, old, access)?;
        flush.flush();
        let expected = (old.as_u64(), new.as_u64());
        fact!(
            (before, after) == expected,
            "reads end in {before:#x} and {after:#x}"
        );
        Ok(seen)
    })
}

fn load_cr3() {
    let (root, flags): (PhysFrame, _) = Cr3::read();
    // SAFETY: the same tables as before.
    unsafe { Cr3::write(root, flags) };
}

/// Checks that a noted read ended in the new frame.
fn reached_new(stage: &Stage, name: &str) -> Outcome {
    let (seen, new) = (stage.get(name), stage.get("new"));
    fact!(seen == new, "the read ends in {seen:#x}");
    Ok(())
}
