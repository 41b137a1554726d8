//! A plausible run of a machine with the real allocators: frames, pages, heaps, faults.
//!
//! It is the same in every run: the randomness comes from [`Random`](crate::recorder::Random).

use crate::heaps;
use crate::recorder::{MIB, Random, Recorder};
use mm::event::{Event, Payload};
use mm::frame::{FrameAllocator, FrameRecord, FrameStorage, Run};
use mm::memory_map::{FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
use mm::paging::{Access, ErrorCode, FaultCause, FaultOutcome, PageSize, RegionPolicy};
use mm::tag::Tag;
use mm::tracer::Tracer;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// A plausible run of a machine with this much memory: its number of frames, and its events.
pub fn events(memory: u64) -> (usize, Vec<Event>) {
    let recorder = Recorder::default();
    let raw = |start, bytes, kind| FirmwareEntry { start, bytes, kind };
    let low = memory.min(3 << 30);
    let firmware = [
        raw(0, 0x9fc00, MemoryKind::Usable),
        raw(0x9fc00, 0x60400, MemoryKind::Reserved),
        raw(MIB, low - MIB - 0x20000, MemoryKind::Usable),
        raw(low - 0x20000, 0x20000, MemoryKind::AcpiReclaimable),
        raw(MIB, 3 * MIB / 2, MemoryKind::KernelAndModules),
        raw(0xfd00_0000, 16 * MIB, MemoryKind::Framebuffer),
        raw(0xfffc_0000, 0x40000, MemoryKind::Reserved),
        raw(4 << 30, memory - low, MemoryKind::Usable),
    ];
    let mut table = [FirmwareRegion::EMPTY; 32];
    let map = MemoryMap::build(&firmware, &mut table).expect("a good map");
    let frames = map.frames();
    let (words, records) = FrameStorage::sizes(frames);
    let mut bits = vec![0; words];
    let mut records = vec![FrameRecord::default(); records];
    let storage = FrameStorage {
        bits: &mut bits,
        records: &mut records,
    };
    let mut allocator = FrameAllocator::new(&map, storage, &recorder).expect("large enough");
    live(&mut allocator, &recorder, frames);
    heaps::live_on_the_heap(&recorder);
    live_with_faults(&recorder);
    heaps::race(&recorder);
    (frames, recorder.into_events())
}

fn live(allocator: &mut FrameAllocator<&Recorder>, recorder: &Recorder, frames: usize) {
    let frame = |address| PhysFrame::containing_address(PhysAddr::new(address));
    let reserved = Tag::PINNED;
    allocator
        .reserve(frame(0), 16, Tag::KERNEL | reserved)
        .expect("free");
    let metadata = frames as u64 / 200 + 1;
    let start = frame(4 * MIB);
    allocator
        .reserve(start, metadata, Tag::KERNEL | reserved)
        .expect("free");
    let start = start + metadata;
    allocator
        .reserve(start, metadata * 2, Tag::MEMVIZ | reserved)
        .expect("free");

    let mut random = Random(1);
    let mut next = |bound| random.below(bound);
    let tags = [
        Tag::PAGE_TABLE,
        Tag::STACK,
        Tag::USER,
        Tag::USER,
        Tag::CACHE,
        Tag::HEAP,
    ];
    let mut held = Vec::new();
    for turn in 0..6_000u64 {
        let tag = tags[next(6) as usize];
        if turn % 50 == 0 {
            let run = Run {
                frames: 1 << next(7),
                align_frames: 1 << next(7),
                ceiling: None,
            };
            let tag = Tag::DEVICE | Tag::DMA_SAFE;
            if let Ok(first) = allocator.allocate_run(run, tag) {
                held.extend((0..run.frames).map(|number| first + number));
            }
        } else if turn % 3 > 0 {
            for place in 0..next(9) {
                if let Ok(frame) = allocator.allocate(tag) {
                    held.push(frame);
                    if turn % 7 == 0 {
                        allocator.share(frame).expect("allocated");
                        held.push(frame);
                    }
                    recorder.record(Payload::Map {
                        page: VirtAddr::new(0x40_0000_0000 + (turn * 16 + place) * 4096),
                        frame: frame.start_address(),
                        size: PageSize::Size4KiB,
                        access: Access::WRITE,
                    });
                }
            }
        } else {
            for _ in 0..next(8).min(held.len() as u64) {
                let frame = held.swap_remove(next(held.len() as u64) as usize);
                allocator.free(frame).expect("allocated");
            }
        }
    }
    recorder.record(Payload::RegionOpen {
        start: VirtAddr::new(0x50_0000_0000),
        bytes: 4096,
        policy: RegionPolicy::Guard,
        owner: Tag::STACK,
    });
    let (number, previous) = (1, 0);
    recorder.record(Payload::Caption { number, previous });
}

/// One fault of each cause, after a few dozen common faults.
fn live_with_faults(recorder: &Recorder) {
    let usual = [FaultCause::DemandZero; 40];
    for (number, &cause) in usual.iter().chain(FaultCause::ALL).enumerate() {
        let address = VirtAddr::new(0xffff_9000_0000_0000 + number as u64 * 4096);
        let instruction = VirtAddr::new(0xffff_ffff_8010_0000 + number as u64 * 37);
        let code = ErrorCode::WRITE;
        recorder.record(Payload::FaultBegin {
            address,
            instruction,
            code,
            cause,
        });
        let outcome = match cause {
            FaultCause::DemandZero | FaultCause::StackGrowth => FaultOutcome::Mapped,
            FaultCause::CopyOnWrite => FaultOutcome::Copied,
            _ => FaultOutcome::AccessCaught,
        };
        let nanoseconds = 900 + number as u64 * 331;
        if cause != FaultCause::KernelTouchedUser {
            recorder.record(Payload::FaultEnd {
                address,
                nanoseconds,
                cause,
                outcome,
            });
        }
    }
}
