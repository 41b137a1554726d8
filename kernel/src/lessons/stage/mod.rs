//! What a lesson works with: it takes memory from the real allocators, holds it, and gives all of
//! it back at the end.
//!
//! Invariant: whatever a lesson took through its stage is in one of the stage's lists, or was given
//! back through it. So the machine has after a lesson what it had before, whatever happened in
//! between: [`Stage::give_back_some`] until nothing is left, and the balance tells.

mod figures;
mod processes;

use super::failure::{Failure, Outcome};
use super::words::Notes;
use crate::memory::heap::race::Race;
use crate::memory::heap::{corruption, kernel_heap, kmalloc};
use crate::memory::paging::kernel_space;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::tags;
use crate::process;
use alloc::boxed::Box;
use alloc::vec::Vec;
use mm::frame::{Placement, Run};
use mm::heap::Allocation;
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The most single frames that a lesson holds.
pub const FRAMES: usize = 16384;
/// The most heap blocks.
pub const BLOCKS: usize = 512;
/// The most processes.
pub const PROCESSES: usize = 8;
/// The most runs of frames, and the most pages.
pub const RUNS: usize = 64;
/// The most other runs.
const HELD: usize = 256;
/// Parts in which much is given back, so that the picture keeps up.
const AT_ONCE: usize = 1000;

/// Everything that a lesson holds, and the figures that it noted.
pub struct Stage {
    /// Lots, the same for the same seed.
    pub random: fastrand::Rng,
    /// Which part of the step is on, from 0.
    pub beat: u32,
    /// Single frames.
    pub frames: Vec<PhysFrame>,
    /// Runs of frames for devices.
    pub runs: Vec<(PhysFrame, u64)>,
    /// Other runs of frames.
    held: Vec<(PhysFrame, u64)>,
    /// Heaps that race.
    pub race: Option<Box<Race>>,
    /// Bare blocks of the heap.
    pub blocks: Vec<Allocation>,
    /// Allocations of the `kmalloc` family.
    pub allocations: Vec<VirtAddr>,
    /// Pages of the kernel's half with a frame of their own.
    pub pages: Vec<VirtAddr>,
    /// Processes that were started, the oldest first; some may have ended.
    pub processes: Vec<u32>,
    /// How many page faults there had been when they began to be counted.
    faults: u64,
    notes: Notes,
}

impl Stage {
    /// An empty one. Its lists have all the room that they will ever have.
    pub fn new(seed: u64) -> Stage {
        Stage {
            random: fastrand::Rng::with_seed(seed),
            beat: 0,
            frames: Vec::with_capacity(FRAMES),
            runs: Vec::with_capacity(RUNS),
            held: Vec::with_capacity(HELD),
            race: None,
            blocks: Vec::with_capacity(BLOCKS),
            allocations: Vec::with_capacity(BLOCKS),
            pages: Vec::with_capacity(RUNS),
            // Those that they fork are added when they end.
            processes: Vec::with_capacity(PROCESSES + process::CAPACITY),
            faults: 0,
            notes: Notes::new(),
        }
    }

    /// A frame.
    pub fn take_frame(&mut self, owner: Tag) -> Result<PhysFrame, Failure> {
        room(&self.frames)?;
        let frame = frames::allocate(owner)?;
        self.frames.push(frame);
        Ok(frame)
    }

    /// Gives the frame at this place of the list back; the last one takes its place.
    pub fn free_frame(&mut self, at: usize) {
        let frame = self.frames.swap_remove(at);
        frames::free(frame).expect("the lesson has this frame");
    }

    /// A run of frames, which a device may write to from now on.
    pub fn take_run(&mut self, run: Run) -> Result<PhysFrame, Failure> {
        room(&self.runs)?;
        let first = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE)?;
        tags::lend(first, run.frames)?;
        self.runs.push((first, run.frames));
        Ok(first)
    }

    /// Gives the run at this place of the list back.
    pub fn free_run(&mut self, at: usize) {
        let (first, count) = self.runs.remove(at);
        tags::take_back(first, count).expect("the lesson has this run");
        let freed = frames::lock().free_run(first, count);
        freed.expect("the lesson has this run");
    }

    /// A whole block of the buddy heap, nothing around it.
    pub fn take_block(&mut self, bytes: usize, owner: Tag) -> Result<Allocation, Failure> {
        room(&self.blocks)?;
        let block = kernel_heap::allocate(bytes, 1, owner)?;
        self.blocks.push(block);
        Ok(block)
    }

    /// Gives the block at this place of the list back; the last one takes its place.
    pub fn free_block(&mut self, at: usize) {
        let block = self.blocks.swap_remove(at);
        kernel_heap::free(block.address).expect("the lesson has this block");
    }

    /// Keeps what the caller had from the `kmalloc` family.
    pub fn keep(&mut self, address: VirtAddr) -> Result<VirtAddr, Failure> {
        if let Err(failure) = room(&self.allocations) {
            kmalloc::kfree(address).expect("it was allocated a moment ago");
            return Err(failure);
        }
        self.allocations.push(address);
        Ok(address)
    }

    /// Gives an allocation back that the lesson keeps.
    pub fn free(&mut self, address: VirtAddr) -> Outcome {
        self.disown(address);
        Ok(kmalloc::kfree(address)?)
    }

    /// Somebody else will give this allocation back.
    pub fn disown(&mut self, address: VirtAddr) {
        self.allocations.retain(|&kept| kept != address);
    }

    /// Holds a run of frames that the caller had from the allocator.
    pub fn hold_run(&mut self, first: PhysFrame, count: u64) -> Outcome {
        if let Err(failure) = room(&self.held) {
            let freed = frames::lock().free_run(first, count);
            freed.expect("it was allocated a moment ago");
            return Err(failure);
        }
        self.held.push((first, count));
        Ok(())
    }

    /// A zeroed page of the kernel's half, at this address.
    pub fn map_page(&mut self, page: VirtAddr, owner: Tag) -> Outcome {
        room(&self.pages)?;
        kernel_space::map_frame(page, owner)?;
        self.pages.push(page);
        Ok(())
    }

    /// Takes such a page away.
    pub fn unmap_page(&mut self, page: VirtAddr) {
        self.pages.retain(|&kept| kept != page);
        kernel_space::unmap_frames(page, page + FRAME);
    }

    /// How many frames are free.
    pub fn free_frames(&self) -> u64 {
        frames::lock().statistics().free
    }

    /// Gives a part of everything back; true while something is left.
    pub fn give_back_some(&mut self) -> bool {
        frames::lock().set_placement(Placement::FirstFit);
        frames::lock().refuse_requests(0, 0);
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
        for address in self.allocations.drain(..) {
            kmalloc::kfree(address).expect("the lesson has this allocation");
        }
        if !self.runs.is_empty() {
            self.free_run(0);
        }
        while let Some(&page) = self.pages.last() {
            self.unmap_page(page);
        }
        corruption::empty_quarantine();
        let left = self.processes.len() + self.frames.len() + self.blocks.len() + self.runs.len();
        left > 0
    }
}

/// Refuses when a list is full: its room never grows, so that the lesson's own bookkeeping takes no
/// memory in between.
fn room<T>(list: &Vec<T>) -> Outcome {
    if list.len() == list.capacity() {
        return Err("the lesson holds as much as it can keep track of".into());
    }
    Ok(())
}
