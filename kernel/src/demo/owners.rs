//! Who has what in the workload: a process, a page cache, a driver, heap users.
//!
//! Every refusal of an allocator is an ordinary answer here: the owner goes without.

use crate::memory::{demand, frames, heap};
use heapless::Vec;
use mm::frame::Run;
use mm::heap::Block;
use mm::tag::Tag;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// The most frames that one owner keeps track of.
const FRAMES: usize = 16384;
/// The most heap blocks.
const BLOCKS: usize = 512;
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
    process: Vec<PhysFrame, FRAMES>,
    shared: Vec<PhysFrame, FRAMES>,
    cache: Vec<PhysFrame, FRAMES>,
    runs: Vec<PhysFrame, RUNS>,
    blocks: Vec<Block, BLOCKS>,
    touched: u64,
}

impl Owners {
    /// Nobody has anything yet.
    pub fn new(seed: u64) -> Owners {
        Owners {
            random: fastrand::Rng::with_seed(seed),
            process: Vec::new(),
            shared: Vec::new(),
            cache: Vec::new(),
            runs: Vec::new(),
            blocks: Vec::new(),
            touched: 0,
        }
    }

    /// How many operations make a beat that is seen on a map of all frames.
    pub fn burst(&self) -> usize {
        (frames::lock().statistics().total as usize / 256).clamp(8, 512)
    }

    /// The process takes frames.
    pub fn process_takes(&mut self, count: usize) {
        for _ in 0..count {
            take(&mut self.process, Tag::USER);
        }
    }

    /// The process ends: all that it had comes back, its share of shared frames too.
    pub fn process_ends(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(frame) = self.process.pop() {
                give_back(frame);
            }
        }
    }

    /// A second process shares frames of the first.
    pub fn share(&mut self, count: usize) {
        for _ in 0..count {
            if self.process.is_empty() || self.shared.is_full() {
                return;
            }
            let frame = self.process[self.random.usize(..self.process.len())];
            if frames::lock().share(frame).is_ok() {
                let _ = self.shared.push(frame);
            }
        }
    }

    /// The second process lets shared frames go.
    pub fn unshare(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(frame) = self.shared.pop() {
                give_back(frame);
            }
        }
    }

    /// The process reads files: the cache takes frames, and between them the process for itself.
    pub fn process_reads(&mut self, count: usize) {
        for at in 0..count {
            match at % 16 {
                0..12 => take(&mut self.cache, Tag::CACHE),
                _ => take(&mut self.process, Tag::USER),
            }
        }
    }

    /// The cache gives back what it has not needed for long: here, by lot.
    pub fn cache_gives_back(&mut self, count: usize) {
        for _ in 0..count {
            if !self.cache.is_empty() {
                give_back(
                    self.cache
                        .swap_remove(self.random.usize(..self.cache.len())),
                );
            }
        }
    }

    /// A driver takes a contiguous run, or gives its oldest one back.
    pub fn driver_takes_or_gives(&mut self) {
        if self.runs.is_full() {
            return self.give_back_run();
        }
        let run = Run {
            frames: RUN_FRAMES,
            align_frames: RUN_FRAMES,
            ceiling: Some(CEILING),
        };
        if let Ok(first) = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE) {
            let _ = self.runs.push(first);
        }
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

    /// All owners end.
    pub fn give_everything_back(&mut self) {
        self.unshare(FRAMES);
        self.process_ends(FRAMES);
        self.cache_gives_back(FRAMES);
        self.heap_gives_back(BLOCKS);
        while !self.runs.is_empty() {
            self.give_back_run();
        }
        self.give_back_window();
    }

    fn give_back_run(&mut self) {
        let first = self.runs.remove(0);
        frames::lock()
            .free_run(first, RUN_FRAMES)
            .expect("the driver owns its run");
    }

    fn give_back_window(&mut self) {
        (0..demand::PAGES).for_each(demand::give_back);
        self.touched = 0;
    }

    /// The next page of the demand-zero window is touched; after the last one all go back.
    pub fn touch(&mut self) {
        if self.touched == demand::PAGES {
            self.give_back_window();
        }
        demand::touch(self.touched);
        self.touched += 1;
    }
}

/// Takes a frame for an owner who has room for it, unless memory is tight.
fn take(owner: &mut Vec<PhysFrame, FRAMES>, tag: Tag) {
    let statistics = frames::lock().statistics();
    if owner.is_full() || statistics.free < statistics.total / LEAVE {
        return;
    }
    if let Ok(frame) = frames::allocate(tag) {
        let _ = owner.push(frame);
    }
}

fn give_back(frame: PhysFrame) {
    frames::free(frame).expect("the owner has this frame");
}
