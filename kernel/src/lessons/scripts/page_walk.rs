//! The page-table walk of an address: four tables, nine bits each, and the frames that they need.

use crate::lessons::failure::fact;
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::words::Note;
use crate::memory::paging::{kernel_space, layout, walk};
use crate::memory::physical::frames::{self, FRAME};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::PageSize;
use mm::paging::walk::{End, Walk};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The page that the lesson maps; nothing else is mapped near it.
const PAGE: VirtAddr =
    VirtAddr::new(layout::DEMAND_ZERO.as_u64() + (5 << 30) + (7 << 21) + (9 << 12));

pub const LESSON: Lesson = Lesson {
    name: "page-walk",
    title: "The page-table walk",
    goal: "four tables, nine bits each; the frames that a mapping needs",
    steps: &[
        step("With four indices of nine bits: PML4[{i4}], PDPT[{i3}], PD[{i2}], PT[{i1}]. The last 12 bits are the offset within the page.")
            .asks("{page} is a virtual address. How does the CPU find the frame that it leads to?")
            .choices(&["It searches one long table", "It follows four indices", "The kernel looks it up"], 1)
            .because("Not A: one table for 48-bit addresses would have 2^36 entries.")
            .conceals()
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .holds(|stage| {
                let bits = ["i4", "i3", "i2", "i1"].map(|name| stage.get(name));
                let built = bits.iter().fold(0xffff, |address, index| address << 9 | index) << 12;
                fact!(built == PAGE.as_u64(), "the indices make {built:#x}");
                Ok(())
            }),
        step("In the PDPT, the second table: entry {i3} is not present. The PD and the PT do not exist, so they use no memory.")
            .asks("Nothing is mapped there yet. In which of the four tables does the walk stop?")
            .choices(&["PML4", "PDPT", "PD", "PT"], 1)
            .because("Not D: tables that no page needs do not exist.")
            .conceals()
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .holds(|_| {
                let walk = walk_of(PAGE);
                let stops = walk.end == End::NotPresent && walk.last().level == 3;
                fact!(stops, "the walk ends in a {}", walk.last().table_name());
                Ok(())
            }),
        step("{allocated} frames: ①{frame} for the page, and two for the missing tables, a PD and a PT.")
            .asks("The kernel maps one page there. How many frames does it allocate?")
            .choices(&["1", "3", "4"], 1)
            .because("Not 1: the PD and the PT of this address do not exist yet.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                stage.count("free", stage.free_frames());
                stage.map_page(PAGE, Tag::KERNEL)?;
                stage.count("allocated", stage.get("free") - stage.free_frames());
                let End::Mapped { physical, .. } = walk_of(PAGE).end else {
                    return Err("the page is not mapped".into());
                };
                stage.frame("frame", frames::frame_at(physical));
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("allocated") == 3, "{} frames were allocated", stage.get("allocated"));
                let mapping = kernel_space::lock().lookup(PAGE);
                let found = mapping.map(|mapping| mapping.physical.as_u64());
                fact!(found == Some(stage.get("frame")), "the tables lead to {found:?}");
                Ok(())
            }),
        step("One: all tables of its walk exist. One PT has 512 entries, which cover 2 MiB of addresses.")
            .asks("The kernel maps the next page as well. How many frames does it allocate this time?")
            .choices(&["1", "3", "4"], 0)
            .because("Not 3: the tables that the first page needed serve this page too.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "neighbour"))
            .acts(|stage| {
                let before = stage.free_frames();
                stage.address("neighbour", PAGE + FRAME);
                stage.map_page(PAGE + FRAME, Tag::KERNEL)?;
                stage.count("allocated", before - stage.free_frames());
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("allocated") == 1, "{} frames were allocated", stage.get("allocated"));
                Ok(())
            }),
        step("In the {table}: the entry's PS bit makes it a large page of {size}. The walk has fewer levels, and fewer tables exist.")
            .asks("The kernel maps all of memory at {direct} and above, with large pages. In which table does a walk of such an address end?")
            .choices(&["PDPT or PD", "PT"], 0)
            .because("Not B: an entry with the PS bit maps a page itself and has no table below.")
            .conceals()
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "large"))
            .acts(|stage| {
                let large = large_page();
                stage.address("large", large);
                let walk = walk_of(large);
                stage.note("table", Note::Text(walk.last().table_name()));
                if let End::Mapped { size, .. } = walk.end {
                    stage.bytes("size", size.bytes());
                }
                Ok(())
            })
            .holds(|stage| {
                let size = stage.get("size");
                fact!(size > FRAME, "the page has {size} B");
                Ok(())
            }),
        step("All {allocated-all}: the kernel frees each page table that becomes empty.")
            .asks("The kernel unmaps both pages. It had allocated {allocated-all} frames for them. How many of these become free?")
            .choices(&["None", "Two: the pages", "All of them"], 2)
            .because("Not B: the tables would stay allocated without any entry.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "page"))
            .acts(|stage| {
                stage.unmap_page(PAGE + FRAME);
                stage.unmap_page(PAGE);
                Ok(())
            })
            .holds(|stage| stage.all_is_free()),
    ],
    is_possible: || true,
    prepare: |stage| {
        let at = |level: u64| PAGE.as_u64() >> (12 + 9 * (level - 1)) & 511;
        for (name, level) in [("i4", 4), ("i3", 3), ("i2", 2), ("i1", 1)] {
            stage.count(name, at(level));
        }
        stage.address("page", PAGE);
        stage.address("direct", frames::direct_map());
        stage.count("allocated-all", 4);
        Ok(())
    },
};

/// The walk of an address through the kernel's page tables.
fn walk_of(address: VirtAddr) -> Walk {
    let root = kernel_space::lock().root();
    walk::decode(root, address)
}

/// An address in the direct map that a large page maps.
fn large_page() -> VirtAddr {
    const STEP: u64 = 2 << 20;
    let pages = (1..64).map(|number| frames::direct_map() + number * STEP);
    let is_large = |&page: &VirtAddr| {
        let mapping = kernel_space::lock().lookup(page);
        mapping.is_some_and(|mapping| mapping.size != PageSize::Size4KiB)
    };
    pages
        .into_iter()
        .find(is_large)
        .unwrap_or(frames::direct_map())
}
