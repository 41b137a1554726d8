//! The stage of a lesson: it allocates memory from the real allocators, holds it, and frees all of
//! it at the end.
//!
//! Invariant: everything that a lesson allocates through its stage is in one of the stage's lists
//! until the stage frees it. So memory is the same before and after a lesson, even if a step
//! failed. [`Stage::free_some`] frees part by part until nothing is left, and the balance proves
//! it.

mod figures;
mod processes;
pub mod replays;

use super::failure::{Failure, Outcome};
use super::words::Notes;
use crate::memory::checks::falsify;
use crate::memory::heap::lab::Lab;
use crate::memory::heap::race::Race;
use crate::memory::heap::{corruption, kernel_heap, kmalloc};
use crate::memory::paging::kernel_space;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::{tags, watermarks};
use crate::memory::swap;
use crate::process;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use mm::frame::{Placement, Run};
use mm::heap::Allocation;
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The maximum number of single frames that a lesson holds.
pub const FRAMES: usize = 16384;
/// The maximum number of heap blocks.
pub const BLOCKS: usize = 512;
/// The maximum number of processes.
pub const PROCESSES: usize = 8;
/// The maximum number of runs of frames for devices, and the most pages.
pub const RUNS: usize = 64;
/// The maximum number of other runs.
const HELD: usize = 256;
/// The maximum number of frames, or blocks, that are freed at once, so that the dashboard loses no
/// events.
const AT_ONCE: usize = 1000;

/// All memory that a lesson holds, and the figures that it noted.
pub struct Stage {
    /// Seeded random numbers.
    pub random: fastrand::Rng,
    /// The current beat of the step, from 0.
    pub beat: u32,
    /// Single frames.
    pub frames: Vec<PhysFrame>,
    /// Runs of frames for devices.
    pub runs: Vec<(PhysFrame, u64)>,
    /// Other runs of frames.
    held: Vec<(PhysFrame, u64)>,
    /// The arenas of a heap race.
    pub race: Option<Box<Race>>,
    /// The arenas of a workload.
    pub lab: Option<Box<Lab>>,
    /// Blocks of the buddy heap.
    pub blocks: Vec<Allocation>,
    /// Allocations of the `kmalloc` family.
    pub allocations: Vec<VirtAddr>,
    /// Mapped pages in the kernel's half, each with a frame of its own.
    pub pages: Vec<VirtAddr>,
    /// Processes that the lesson started, oldest first; some may have ended.
    pub processes: Vec<u32>,
    /// The process that replays a reference string.
    replaying: Option<u32>,
    /// True if the table of swap slots did not exist before the lesson.
    owns_swap_table: bool,
    /// The lesson has switched swap off, or left few frames; this is the low watermark of before.
    low_watermark: Option<u64>,
    /// The lesson has switched swap off.
    is_swap_off: bool,
    /// The number of page faults at the last [`Stage::mark_faults`].
    faults: u64,
    notes: Notes,
}

impl Stage {
    /// An empty stage. Its lists have all the capacity that they will ever need.
    #[expect(
        clippy::disallowed_methods,
        reason = "at boot, before the first lesson"
    )]
    pub fn new(seed: u64) -> Stage {
        Stage {
            random: fastrand::Rng::with_seed(seed),
            beat: 0,
            frames: Vec::with_capacity(FRAMES),
            runs: Vec::with_capacity(RUNS),
            held: Vec::with_capacity(HELD),
            race: None,
            lab: None,
            blocks: Vec::with_capacity(BLOCKS),
            allocations: Vec::with_capacity(BLOCKS),
            pages: Vec::with_capacity(RUNS),
            // When a process ends, the processes that it forked are added.
            processes: Vec::with_capacity(PROCESSES + process::CAPACITY),
            replaying: None,
            owns_swap_table: false,
            low_watermark: None,
            is_swap_off: false,
            faults: 0,
            notes: Notes::new(),
        }
    }

    /// Allocates a frame.
    pub fn allocate_frame(&mut self, owner: Tag) -> Result<PhysFrame, Failure> {
        room(&self.frames)?;
        let frame = frames::allocate(owner)?;
        put(&mut self.frames, frame);
        Ok(frame)
    }

    /// Frees the frame at this index; the last frame moves to its index.
    pub fn free_frame(&mut self, index: usize) {
        let frame = self.frames.swap_remove(index);
        frames::free(frame).expect("the lesson has this frame");
    }

    /// Allocates a run of frames and lends it to a device, which may write to it.
    pub fn allocate_run(&mut self, run: Run) -> Result<PhysFrame, Failure> {
        room(&self.runs)?;
        let first = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE)?;
        tags::lend(first, run.frames)?;
        put(&mut self.runs, (first, run.frames));
        Ok(first)
    }

    /// Takes the run at this index back from the device, and frees it.
    pub fn free_run(&mut self, index: usize) {
        let (first, count) = self.runs.remove(index);
        tags::take_back(first, count).expect("the lesson has this run");
        let freed = frames::lock().free_run(first, count);
        freed.expect("the lesson has this run");
    }

    /// Allocates one whole block of the buddy heap, without redzones.
    pub fn allocate_block(&mut self, bytes: usize, owner: Tag) -> Result<Allocation, Failure> {
        room(&self.blocks)?;
        let block = kernel_heap::allocate(bytes, 1, owner)?;
        put(&mut self.blocks, block);
        Ok(block)
    }

    /// Frees the block at this index; the last block moves to its index.
    pub fn free_block(&mut self, index: usize) {
        let block = self.blocks.swap_remove(index);
        let freed = kernel_heap::free_uncached(block.address);
        freed.expect("the lesson has this block");
    }

    /// Adds an allocation of the `kmalloc` family to the stage.
    pub fn keep(&mut self, address: VirtAddr) -> Result<VirtAddr, Failure> {
        if let Err(failure) = room(&self.allocations) {
            kmalloc::kfree(address).expect("the caller has just allocated it");
            return Err(failure);
        }
        put(&mut self.allocations, address);
        Ok(address)
    }

    /// Frees an allocation of the stage.
    pub fn free(&mut self, address: VirtAddr) -> Outcome {
        self.release(address);
        Ok(kmalloc::kfree(address)?)
    }

    /// Removes an allocation from the stage; the caller frees it.
    pub fn release(&mut self, address: VirtAddr) {
        self.allocations.retain(|&kept| kept != address);
    }

    /// Adds a run of frames, which the caller allocated, to the stage.
    pub fn hold_run(&mut self, first: PhysFrame, count: u64) -> Outcome {
        if let Err(failure) = room(&self.held) {
            let freed = frames::lock().free_run(first, count);
            freed.expect("the caller has just allocated it");
            return Err(failure);
        }
        put(&mut self.held, (first, count));
        Ok(())
    }

    /// Maps a zeroed page at this address of the kernel's half.
    pub fn map_page(&mut self, page: VirtAddr, owner: Tag) -> Outcome {
        room(&self.pages)?;
        kernel_space::map_frame(page, owner)?;
        put(&mut self.pages, page);
        Ok(())
    }

    /// Unmaps a page that [`Stage::map_page`] mapped.
    pub fn unmap_page(&mut self, page: VirtAddr) {
        self.pages.retain(|&kept| kept != page);
        kernel_space::unmap_frames(page, page + FRAME);
    }

    /// Switches swap off until the lesson ends: pages stay in their frames, and processes get every
    /// free frame.
    pub fn switch_swap_off(&mut self) {
        if swap::is_on() {
            swap::switch(false);
            self.is_swap_off = true;
            self.low_watermark = Some(watermarks::set_low(0));
        }
    }

    /// Leaves this many frames for pages of processes that can leave, until the lesson ends. The
    /// kernel keeps the others.
    pub fn leave_frames(&mut self, count: u64) {
        let table = process::TABLE.lock();
        let used: u64 = table.iter().map(|process| process.space.resident()).sum();
        drop(table);
        let low = (self.free_frames() + used).saturating_sub(count);
        let before = watermarks::set_low(low);
        self.low_watermark.get_or_insert(before);
    }

    /// Makes the tables of swap, so that they take no frames later.
    pub fn make_swap_tables(&mut self) -> Outcome {
        self.owns_swap_table |= swap::statistics().slots == 0;
        Ok(swap::make_tables()?)
    }

    /// Returns the number of free frames.
    pub fn free_frames(&self) -> u64 {
        frames::lock().statistics().free
    }

    /// Frees a part of everything that the stage holds. Returns true while something is left.
    pub fn free_some(&mut self) -> bool {
        falsify::correct();
        frames::lock().set_placement(Placement::default());
        frames::lock().inject_failures(0, 0);
        if mem::take(&mut self.is_swap_off) {
            swap::switch(true);
        }
        if let Some(low) = self.low_watermark.take() {
            watermarks::set_low(low);
        }
        self.end_replay();
        self.end_oldest();
        for _ in 0..AT_ONCE.min(self.frames.len()) {
            self.free_frame(self.frames.len() - 1);
        }
        for _ in 0..AT_ONCE.min(self.blocks.len()) {
            self.free_block(self.blocks.len() - 1);
        }
        for (first, count) in self.held.drain(..) {
            let freed = frames::lock().free_run(first, count);
            freed.expect("the lesson has this run");
        }
        self.race = None;
        self.lab = None;
        for address in self.allocations.drain(..) {
            kmalloc::kfree(address).expect("the lesson has this allocation");
        }
        if !self.runs.is_empty() {
            self.free_run(0);
        }
        while let Some(&page) = self.pages.last() {
            self.unmap_page(page);
        }
        if self.processes.is_empty() && core::mem::take(&mut self.owns_swap_table) {
            swap::free_table();
        }
        corruption::empty_quarantine();
        kernel_heap::drain_cache();
        let left = self.processes.len() + self.frames.len() + self.blocks.len() + self.runs.len();
        left > 0
    }
}

/// Returns a failure if a list is full. Its capacity never grows, so the stage's own lists allocate
/// no memory during a lesson.
pub fn room<T>(list: &Vec<T>) -> Outcome {
    if list.len() == list.capacity() {
        return Err("the lesson's list of allocations is full".into());
    }
    Ok(())
}

/// Appends to a list that [`room`] has found not full.
///
/// # Panics
/// If it is full.
#[expect(
    clippy::disallowed_methods,
    reason = "the list has room, so that nothing is allocated"
)]
pub fn put<T>(list: &mut Vec<T>, item: T) {
    assert!(list.len() < list.capacity(), "a list of the stage is full");
    list.push(item);
}
