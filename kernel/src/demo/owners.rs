//! Who has what in the workload: processes, a page cache, a driver, heap users.
//!
//! Every refusal of an allocator is an ordinary answer here: the owner goes without.

use crate::memory::{frames, heap, tags};
use crate::process;
use crate::process::programs::Program;
use heapless::{Deque, Vec};
use mm::frame::Run;
use mm::heap::Allocation;
use mm::tag::Tag;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// The most frames that the cache keeps track of.
const FRAMES: usize = 16384;
/// The most heap blocks.
const BLOCKS: usize = 512;
/// The most processes that are started and not ended.
const PROCESSES: usize = 8;
/// The most runs of a driver.
const RUNS: usize = 4;
/// Frames in a driver's run: 256 KiB.
const RUN_FRAMES: u64 = 64;
/// What a driver's device can reach: 32 address bits.
const CEILING: PhysAddr = PhysAddr::new(1 << 32);
/// The workload leaves this part of memory alone: one in so many frames.
const LEAVE: u64 = 4;

/// Everything that the workload holds.
pub struct Owners {
    random: fastrand::Rng,
    processes: Deque<u32, PROCESSES>,
    cache: Vec<PhysFrame, FRAMES>,
    runs: Vec<PhysFrame, RUNS>,
    blocks: Vec<Allocation, BLOCKS>,
}

impl Owners {
    /// Nobody has anything yet.
    pub fn new(seed: u64) -> Owners {
        Owners {
            random: fastrand::Rng::with_seed(seed),
            processes: Deque::new(),
            cache: Vec::new(),
            runs: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// How many operations make a beat that is seen on a map of all frames.
    pub fn burst(&self) -> usize {
        (frames::lock().statistics().total as usize / 256).clamp(8, 512)
    }

    /// A process starts to run a program.
    pub fn start(&mut self, program: Program) {
        if self.processes.is_full() {
            self.end_oldest();
        }
        match process::spawn(program) {
            Ok(number) => {
                let _ = self.processes.push_back(number);
            }
            Err(error) => log::warn!("{} does not start: {error}", program.name()),
        }
    }

    /// The process that was started first is ended, if it has not ended by itself.
    pub fn end_oldest(&mut self) {
        while let Some(number) = self.processes.pop_front() {
            if process::kill(number) {
                return;
            }
        }
    }

    /// The cache keeps more, unless memory is tight.
    pub fn cache_fills(&mut self, count: usize) {
        for _ in 0..count {
            let statistics = frames::lock().statistics();
            if self.cache.is_full() || statistics.free < statistics.total / LEAVE {
                return;
            }
            if let Ok(frame) = frames::allocate(Tag::CACHE) {
                let _ = self.cache.push(frame);
            }
        }
    }

    /// The cache gives back what it has not needed for long: here, by lot.
    pub fn cache_gives_back(&mut self, count: usize) {
        for _ in 0..count {
            if !self.cache.is_empty() {
                let frame = self
                    .cache
                    .swap_remove(self.random.usize(..self.cache.len()));
                frames::free(frame).expect("the cache owns this frame");
            }
        }
    }

    /// A driver takes a contiguous run, or gives its oldest one back.
    pub fn driver_takes_or_gives(&mut self) {
        if self.runs.is_full() {
            return self.driver_gives_back();
        }
        let run = Run {
            frames: RUN_FRAMES,
            align_frames: RUN_FRAMES,
            ceiling: Some(CEILING),
        };
        if let Ok(first) = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE) {
            // The device begins to write.
            tags::lend(first, RUN_FRAMES).expect("the driver owns its run");
            let _ = self.runs.push(first);
        }
    }

    fn driver_gives_back(&mut self) {
        let first = self.runs.remove(0);
        tags::take_back(first, RUN_FRAMES).expect("the driver owns its run");
        frames::lock()
            .free_run(first, RUN_FRAMES)
            .expect("the driver owns its run");
    }

    /// Heap users ask for blocks of all sizes, small ones more often.
    pub fn heap_takes(&mut self, count: usize) {
        const USERS: [Tag; 3] = [Tag::KERNEL, Tag::CACHE, Tag::DEVICE];
        for _ in 0..count {
            if self.blocks.is_full() {
                return;
            }
            let largest = 1 << self.random.u32(6..16);
            let bytes = self.random.usize(largest / 2..=largest);
            let user = USERS[self.random.usize(..USERS.len())];
            if let Ok(block) = heap::allocate(bytes, 1, user) {
                let _ = self.blocks.push(block);
            }
        }
    }

    /// Heap users give blocks back, in no order.
    pub fn heap_gives_back(&mut self, count: usize) {
        for _ in 0..count {
            if !self.blocks.is_empty() {
                let block = self
                    .blocks
                    .swap_remove(self.random.usize(..self.blocks.len()));
                heap::free(block.address).expect("the block is live");
            }
        }
    }

    /// All owners give a part of what they have back; true while something is left.
    pub fn give_back_some(&mut self) -> bool {
        const PART: usize = 1000;
        self.end_oldest();
        self.cache_gives_back(PART);
        self.heap_gives_back(PART);
        if !self.runs.is_empty() {
            self.driver_gives_back();
        }
        self.processes.len() + self.cache.len() + self.blocks.len() + self.runs.len() > 0
    }
}
