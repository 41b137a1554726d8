//! Any operations on frames: the frame allocator does what a map of the frames in use does.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::{AnyTag, Number};
use libfuzzer_sys::fuzz_target;
use mm::frame::{FrameAllocator, FrameRecord, FrameState, FrameStorage, Freed, Placement, Run};
use mm::memory_map::{FRAME_BYTES, FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
use mm::tag::Tag;
use mm::tracer::Silent;
use std::collections::BTreeMap;
use std::ops::Range;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

#[derive(Debug, Arbitrary)]
enum Operation {
    Allocate(AnyTag),
    /// Length, alignment and ceiling.
    AllocateRun(Number, Number, Option<Number>, AnyTag),
    Reserve(Number, Number, AnyTag),
    Free(Number),
    FreeRun(Number, Number),
    Share(Number),
    Retag(Number, Number, AnyTag),
    Place(Fit),
    KeepLow(Number),
    InjectFailures(u8, u8),
}

#[derive(Debug, Arbitrary)]
enum Fit {
    First,
    Next,
}

const USABLE: [Range<u64>; 2] = [0..100, 120..300];
const FRAMES: u64 = 300;

/// Reference count and tag of each frame in use.
type Model = BTreeMap<u64, (u32, Tag)>;

fn is_free(model: &Model, number: u64) -> bool {
    USABLE.iter().any(|frames| frames.contains(&number)) && !model.contains_key(&number)
}

/// A frame by any number; most numbers are in range.
fn frame(number: Number) -> PhysFrame {
    let number = match number {
        Number::Small(number) => number.into(),
        Number::Pages(number) => FRAMES - 1 - u64::from(number),
        number => number.get(),
    };
    PhysFrame::containing_address(PhysAddr::new_truncate(number.wrapping_mul(FRAME_BYTES)))
}

fn number(frame: PhysFrame) -> u64 {
    frame.start_address().as_u64() / FRAME_BYTES
}

fn address(number: Number) -> PhysAddr {
    PhysAddr::new_truncate(number.get())
}

/// The frames of a run, if all of them are in use.
fn in_use(model: &Model, first: PhysFrame, frames: u64) -> Option<Range<u64>> {
    let range = number(first)..number(first).checked_add(frames)?;
    let is_known = range.end <= FRAMES && range.clone().all(|number| model.contains_key(&number));
    is_known.then_some(range)
}

/// Removes one reference of each frame, unless one of them is the last of a pinned frame.
fn release(model: &mut Model, range: Range<u64>) -> Option<u64> {
    let is_last = |entry: (u32, Tag)| entry.0 == 1 && entry.1.contains(Tag::PINNED);
    if range.clone().any(|number| is_last(model[&number])) {
        return None;
    }
    let before = model.len();
    for number in range {
        model.entry(number).and_modify(|entry| entry.0 -= 1);
    }
    model.retain(|_, entry| entry.0 > 0);
    Some((before - model.len()) as u64)
}

/// The allocator and the model.
struct Pair<'m> {
    frames: FrameAllocator<'m, Silent>,
    model: Model,
}

impl Pair<'_> {
    /// Does the operation with both, and compares the results.
    fn step(&mut self, operation: &Operation) {
        let frames = &mut self.frames;
        match *operation {
            Operation::Allocate(tag) => {
                if let Ok(given) = frames.allocate(tag.get()) {
                    self.take(number(given), 1, tag.get());
                }
            }
            Operation::AllocateRun(frames, align, ceiling, tag) => {
                let run = Run {
                    frames: frames.get(),
                    align_frames: align.get(),
                    ceiling: ceiling.map(address),
                };
                self.allocate_run(run, tag.get());
            }
            Operation::Reserve(first, frames, tag) => {
                self.reserve(frame(first), frames.get(), tag.get());
            }
            Operation::Free(at) => self.free(frame(at)),
            Operation::FreeRun(first, length) => {
                let range = in_use(&self.model, frame(first), length.get());
                let freed = range.and_then(|range| release(&mut self.model, range));
                assert_eq!(frames.free_run(frame(first), length.get()).ok(), freed);
            }
            Operation::Share(at) => {
                let entry = self.model.get_mut(&number(frame(at)));
                let shared = entry.map(|entry| {
                    entry.0 += 1;
                    entry.0
                });
                assert_eq!(frames.share(frame(at)).ok(), shared);
            }
            Operation::Retag(first, frames, tag) => {
                self.retag(frame(first), frames.get(), tag.get());
            }
            Operation::Place(Fit::First) => frames.set_placement(Placement::FirstFit),
            Operation::Place(Fit::Next) => frames.set_placement(Placement::NextFit),
            Operation::KeepLow(end) => frames.keep_low(address(end)),
            Operation::InjectFailures(after, count) => {
                frames.inject_failures(after.into(), count.into());
            }
        }
    }

    /// An allocation succeeded: in the model, all its frames are free.
    fn take(&mut self, first: u64, frames: u64, tag: Tag) {
        for number in first..first + frames {
            assert!(is_free(&self.model, number), "frame {number} was not free");
            self.model.insert(number, (1, tag));
        }
    }

    fn allocate_run(&mut self, run: Run, tag: Tag) {
        if let Ok(given) = self.frames.allocate_run(run, tag) {
            self.take(number(given), run.frames, tag);
            assert!(number(given).is_multiple_of(run.align_frames));
            let end = (number(given) + run.frames) * FRAME_BYTES;
            assert!(run.ceiling.is_none_or(|ceiling| end <= ceiling.as_u64()));
        } else if run.frames > 0 && run.align_frames.is_power_of_two() {
            let why_not = self.frames.why_not(run);
            assert!(why_not.longest <= why_not.free);
        }
    }

    fn reserve(&mut self, first: PhysFrame, frames: u64, tag: Tag) {
        let Ok(reserved) = self.frames.reserve(first, frames, tag) else {
            return;
        };
        let end = number(first).saturating_add(frames).min(FRAMES);
        let before = self.model.len();
        for number in number(first)..end {
            if is_free(&self.model, number) {
                self.model.insert(number, (1, tag | Tag::PINNED));
            }
        }
        assert_eq!(reserved, (self.model.len() - before) as u64);
    }

    fn free(&mut self, at: PhysFrame) {
        let range = in_use(&self.model, at, 1);
        let freed = range.and_then(|range| release(&mut self.model, range));
        let left = self.model.get(&number(at)).map(|entry| entry.0);
        let expected = freed.map(|_| left.map_or(Freed::Free, Freed::StillShared));
        assert_eq!(self.frames.free(at).ok(), expected);
    }

    fn retag(&mut self, first: PhysFrame, frames: u64, tag: Tag) {
        let range = in_use(&self.model, first, frames);
        let range = range.filter(|_| tag.intersects(Tag::OWNERS));
        let done = self.frames.retag(first, frames, tag);
        assert_eq!(done.is_ok(), range.is_some());
        for number in range.into_iter().flatten() {
            let entry = self.model.get_mut(&number).expect("a frame in use");
            entry.1 = tag | entry.1 & Tag::PINNED;
        }
    }
}

/// The frames in use, as the allocator reports them one by one.
fn reported(frames: &FrameAllocator<'_, Silent>) -> Model {
    let frame = |number| PhysFrame::containing_address(PhysAddr::new(number * FRAME_BYTES));
    let entry = |number| match frames.state(frame(number)) {
        FrameState::InUse(info) => Some((number, (info.references, info.tag))),
        _ => None,
    };
    (0..FRAMES).filter_map(entry).collect()
}

fuzz_target!(|operations: Vec<Operation>| {
    let entries = USABLE.map(|frames| FirmwareEntry {
        start: frames.start * FRAME_BYTES,
        bytes: (frames.end - frames.start) * FRAME_BYTES,
        kind: MemoryKind::Usable,
    });
    let mut regions = [FirmwareRegion::EMPTY; 4];
    let map = MemoryMap::build(&entries, &mut regions).expect("usable frames");
    let (words, records) = FrameStorage::sizes(map.frames());
    let storage = FrameStorage {
        bits: &mut vec![0; words],
        records: &mut vec![FrameRecord::default(); records],
    };
    let mut pair = Pair {
        frames: FrameAllocator::new(&map, storage, Silent).expect("enough storage"),
        model: Model::new(),
    };
    for operation in &operations {
        pair.step(operation);
        assert_eq!(pair.frames.validate(), Ok(()), "after {operation:?}");
        assert_eq!(reported(&pair.frames), pair.model, "after {operation:?}");
    }
});
