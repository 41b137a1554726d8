//! What a lesson works with: it takes memory from the real allocators, holds it, and gives all of it back at the end.
//!
//! Invariant: whatever a lesson took through its stage is in one of the stage's lists, or was given back through it. So the
//! machine has after a lesson what it had before, whatever happened in between: [`Stage::give_back_some`] until
//! nothing is left, and the balance tells.

use super::failure::{Failure, Outcome, fact};
use super::words::{Note, Notes};
use crate::memory::frames::{self, FRAME};
use crate::memory::heap_race::Race;
use crate::memory::{corruption, faults, heap, kmalloc, paging, tags};
use crate::process::programs::Program;
use crate::process::{self, End, Process};
use alloc::boxed::Box;
use alloc::vec::Vec;
use memviz::panels::frame_map::grid::Zoom;
use memviz::selection::Selection;
use mm::frame::{Placement, Run};
use mm::heap::Allocation;
use mm::heap::fragmentation::Thousandths;
use mm::paging::FaultCause;
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
/// Turns after which a process that neither waits nor ends is given up.
const TURNS: usize = 100_000;

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
        let block = heap::allocate(bytes, 1, owner)?;
        self.blocks.push(block);
        Ok(block)
    }

    /// Gives the block at this place of the list back; the last one takes its place.
    pub fn free_block(&mut self, at: usize) {
        let block = self.blocks.swap_remove(at);
        heap::free(block.address).expect("the lesson has this block");
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
        paging::map_frame(page, owner)?;
        self.pages.push(page);
        Ok(())
    }

    /// Takes such a page away.
    pub fn unmap_page(&mut self, page: VirtAddr) {
        self.pages.retain(|&kept| kept != page);
        paging::unmap_frames(page, page + FRAME);
    }

    /// Starts a program in a process of its own: its number. It has no turn yet.
    pub fn start(&mut self, program: Program) -> Result<u32, Failure> {
        let number = process::spawn(program)?;
        self.adopt(number);
        Ok(number)
    }

    /// Ends this process as well, when the lesson is over: one that a process of the lesson forked.
    pub fn adopt(&mut self, number: u32) {
        if self.processes.len() == PROCESSES {
            self.end_oldest();
        }
        self.processes.push(number);
    }

    /// Ends the process that was started first, if it has not ended by itself, or else the next one. What it forked comes
    /// last.
    pub fn end_oldest(&mut self) {
        while !self.processes.is_empty() {
            let oldest = self.processes.remove(0);
            for child in process::TABLE.lock().iter() {
                let is_known = self.processes.contains(&child.number);
                if child.parent == oldest && !is_known {
                    self.processes.push(child.number);
                }
            }
            if process::kill(oldest) {
                return;
            }
        }
    }

    /// Lets processes run until each waits, sleeps or has ended.
    pub fn settle(&mut self) -> Outcome {
        for _ in 0..TURNS {
            if !process::run_slice() {
                return Ok(());
            }
        }
        Err(Failure::wrong(format_args!(
            "processes still run after {TURNS} turns"
        )))
    }

    /// Lets a process that waits do its next part.
    pub fn wake(&mut self, number: u32) -> Outcome {
        if !process::wake(number) {
            return Err(Failure::wrong(format_args!(
                "process {number} does not wait"
            )));
        }
        self.settle()
    }

    /// What is to be known of a process that lives.
    pub fn process<T>(&self, number: u32, ask: impl FnOnce(&Process) -> T) -> Result<T, Failure> {
        let mut table = process::TABLE.lock();
        let process = table.get_mut(number);
        let process = process
            .ok_or_else(|| Failure::wrong(format_args!("process {number} does not live any more")));
        process.map(|process| ask(process))
    }

    /// The frame behind an address of a process.
    pub fn frame_of(&self, number: u32, address: VirtAddr) -> Result<PhysFrame, Failure> {
        let mapping = self.process(number, |process| process.space.lookup(address))?;
        let found = mapping.map(|mapping| frames::frame_at(mapping.physical));
        found.ok_or_else(|| {
            Failure::wrong(format_args!(
                "process {number} has no frame at {address:#x}"
            ))
        })
    }

    /// How a process ended.
    pub fn end_of(&self, number: u32) -> Result<End, Failure> {
        let end = process::TABLE.lock().end_of(number);
        end.ok_or_else(|| Failure::wrong(format_args!("process {number} has not ended")))
    }

    /// Notes a figure, to be shown in the words and looked at by the checks.
    pub fn note(&mut self, name: &'static str, note: Note) {
        let full = self.notes.insert(name, note).is_err();
        assert!(!full, "a lesson notes too many figures to note {name}");
    }

    /// Notes a count.
    pub fn count(&mut self, name: &'static str, count: u64) {
        self.note(name, Note::Count(count));
    }

    /// Notes a virtual address.
    pub fn address(&mut self, name: &'static str, address: VirtAddr) {
        self.note(name, Note::Address(address.as_u64()));
    }

    /// Notes where a frame begins.
    pub fn frame(&mut self, name: &'static str, frame: PhysFrame) {
        self.note(name, Note::Address(frame.start_address().as_u64()));
    }

    /// Notes a size.
    pub fn bytes(&mut self, name: &'static str, bytes: u64) {
        self.note(name, Note::Bytes(bytes));
    }

    /// A figure as it was noted, in units of its own.
    ///
    /// # Panics
    /// When nobody noted it.
    pub fn get(&self, name: &str) -> u64 {
        match self.notes.get(name) {
            Some(&(Note::Count(value) | Note::Address(value) | Note::Bytes(value))) => value,
            Some(&Note::Share(Thousandths(value))) => value.into(),
            Some(Note::Percent { .. } | Note::Text(_)) | None => {
                panic!("the lesson asks for {name}, which nobody noted")
            }
        }
    }

    /// A number that was noted as a count, of a process for example.
    ///
    /// # Panics
    /// As [`Stage::get`].
    pub fn number(&self, name: &str) -> u32 {
        self.get(name) as u32
    }

    /// The frame at the address that was noted, to be selected, once it was.
    pub fn selected_frame(&self, name: &str) -> Option<Selection> {
        self.selected_frames(name, 1)
    }

    /// The part of memory about the address that was noted, once it was: 4 MiB at most.
    pub fn around(&self, name: &str) -> Option<Zoom> {
        const WINDOW: usize = 1024;
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let frames = frames::lock().frames();
        Some(Zoom::about((address / FRAME) as usize, WINDOW, frames))
    }

    /// The same of several frames.
    pub fn selected_frames(&self, name: &str, count: usize) -> Option<Selection> {
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let first = (address / FRAME) as usize;
        Some(Selection::Frames { first, count })
    }

    /// The page at the address that was noted, to be selected, once it was; in the space of a process, or of the kernel.
    pub fn selected_page(&self, space: &str, name: &str) -> Option<Selection> {
        let space = match self.notes.get(space) {
            Some(&Note::Count(number)) => number as u32,
            _ => 0,
        };
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let address = VirtAddr::new_truncate(address);
        Some(Selection::Page { space, address })
    }

    /// The heap block at the address that was noted, to be selected, once it was.
    pub fn selected_block(&self, name: &str) -> Option<Selection> {
        match self.notes.get(name) {
            Some(&Note::Address(address)) => {
                Some(Selection::Block(VirtAddr::new_truncate(address)))
            }
            _ => None,
        }
    }

    /// From now on faults are counted.
    pub fn mark_faults(&mut self) {
        self.faults = faults::count();
    }

    /// Whether there were so many faults since then, the last one for this reason.
    pub fn had_faults(&self, wanted: u64, wanted_cause: Option<FaultCause>) -> Outcome {
        let count = faults::count() - self.faults;
        fact!(count == wanted, "{count} page faults, not {wanted}");
        let cause = faults::last_cause();
        let right = wanted_cause.is_none() || cause == wanted_cause;
        fact!(
            right,
            "the fault's cause is {cause:?}, not {wanted_cause:?}"
        );
        Ok(())
    }

    /// Everything that was noted.
    pub fn notes(&self) -> &Notes {
        &self.notes
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

    /// Forgets all figures.
    pub fn forget(&mut self) {
        self.notes = Notes::new();
    }
}

/// Refuses when a list is full: its room never grows, so that the lesson's own bookkeeping takes no memory in between.
fn room<T>(list: &Vec<T>) -> Outcome {
    if list.len() == list.capacity() {
        return Err("the lesson holds as much as it can keep track of".into());
    }
    Ok(())
}
