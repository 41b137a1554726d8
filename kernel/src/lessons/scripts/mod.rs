//! The lessons: one file each, named after the lesson, with `_` for `-`.

mod belady;
mod buddy;
mod busy_machine;
mod clock;
mod copy_on_write;
mod corruption;
mod demand_paging;
mod dma;
mod frames;
mod guard_pages;
mod heap_race;
mod leak;
mod malloc_lab;
mod memory_map;
mod out_of_memory;
mod page_replacement;
mod page_walk;
mod protection;
mod rings;
mod swap;
mod thrashing;
mod tlb;
mod truth;

use super::lesson::Lesson;

/// All lessons, in the order in which the demo plays them.
pub static LESSONS: &[Lesson] = &[
    busy_machine::LESSON,
    memory_map::LESSON,
    frames::LESSON,
    dma::LESSON,
    page_walk::LESSON,
    demand_paging::LESSON,
    copy_on_write::LESSON,
    page_replacement::LESSON,
    belady::LESSON,
    clock::LESSON,
    swap::LESSON,
    thrashing::LESSON,
    tlb::LESSON,
    guard_pages::LESSON,
    protection::LESSON,
    rings::LESSON,
    buddy::LESSON,
    heap_race::LESSON,
    malloc_lab::LESSON,
    corruption::LESSON,
    leak::LESSON,
    out_of_memory::LESSON,
    truth::LESSON,
];
