//! `mm`'s frame allocator, as the kernel sets it up: without events, and with every event recorded.

use super::contender::FrameContender;
use crate::contests::nested::Nested;
use mm::event::{OriginCell, Payload};
use mm::frame::{FrameAllocator, FrameRecord, FrameStorage, Run};
use mm::memory_map::{FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
use mm::ring::Ring;
use mm::tag::Tag;
use mm::tracer::{self, Tracer};
use std::sync::atomic::{AtomicBool, Ordering};
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// Without events.
pub type Silent = Ours<tracer::Silent>;
/// With events.
pub type Traced = Ours<Recording>;

/// The frame allocator with a tracer.
pub struct Ours<T> {
    frames: FrameAllocator<'static, T>,
}

/// A tracer with a name.
pub trait Named: Tracer + Copy {
    /// The contender's name.
    const NAME: &'static str;
    /// The tracer.
    const TRACER: Self;
}

impl Named for tracer::Silent {
    const NAME: &'static str = "memviz, tracing off";
    const TRACER: Self = tracer::Silent;
}

/// The kernel's tracer on a PC: a switch, a time stamp, a call site, the ring.
#[derive(Clone, Copy)]
pub struct Recording;

static RING: Ring<{ 1 << 14 }, Nested> = Ring::new();
static IS_ON: AtomicBool = AtomicBool::new(true);
static ORIGIN: OriginCell = OriginCell::new();

impl Named for Recording {
    const NAME: &'static str = "memviz, tracing on";
    const TRACER: Self = Recording;
}

impl Tracer for Recording {
    #[inline(always)]
    fn record(&self, payload: Payload) {
        if IS_ON.load(Ordering::Relaxed) {
            // SAFETY: the instruction has no preconditions.
            let time = || unsafe { core::arch::x86_64::_rdtsc() };
            RING.push(time, ORIGIN.get(), payload);
        }
    }
}

impl<T: Named> FrameContender for Ours<T> {
    const NAME: &'static str = T::NAME;
    const MOST_ORDER: u32 = 10;

    fn new(frames: usize) -> Self {
        let entry = FirmwareEntry {
            start: 0,
            bytes: frames as u64 * 4096,
            kind: MemoryKind::Usable,
        };
        let mut regions = [FirmwareRegion::EMPTY; 2];
        let map = MemoryMap::build(&[entry], &mut regions).expect("one region is a map");
        let (words, records) = FrameStorage::sizes(frames);
        let storage = FrameStorage {
            bits: vec![0; words].leak(),
            records: vec![FrameRecord::default(); records].leak(),
        };
        let mut frames = FrameAllocator::new(&map, storage, T::TRACER).expect("storage suffices");
        frames.keep_low(PhysAddr::new(16 << 20));
        Ours { frames }
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        self.frames.allocate(Tag::USER).ok().map(number)
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        self.frames.free(at(frame)).expect("the frame is in use");
    }

    #[inline]
    fn allocate_run(&mut self, order: u32) -> Option<usize> {
        let frames = 1 << order;
        let run = Run {
            align_frames: frames,
            ..Run::of(frames)
        };
        self.frames.allocate_run(run, Tag::USER).ok().map(number)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        let freed = self.frames.free_run(at(first), 1 << order);
        freed.expect("the run is in use");
    }
}

fn number(frame: PhysFrame) -> usize {
    frame.start_address().as_u64() as usize / 4096
}

fn at(number: usize) -> PhysFrame {
    PhysFrame::containing_address(PhysAddr::new(number as u64 * 4096))
}
