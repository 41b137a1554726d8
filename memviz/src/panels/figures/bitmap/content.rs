//! What the figure shows: bits, what changed in this step, and the next frame of each search.

use crate::model::Model;
use crate::panels::panel::Scene;
use crate::view::selection::Selection;
use core::ops::Range;
use heapless::Vec;
use mm::event::{Kind, Payload};
use mm::frame::low_frames;
use mm::memory_map::{FRAME_BYTES, MemoryKind};

/// Bits in a row: a word of the bitmap.
pub const ROW: usize = 64;
/// Rows of the figure.
pub const ROWS: usize = 6;
/// The most frames that a search looks at.
const SEARCHED: usize = 1 << 16;
/// The most events of a step that are looked at.
const LOOK_BACK: u64 = 8192;

/// The bit of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bit {
    /// 1: the frame is free.
    Free,
    /// 0: the frame has this owner.
    Used(u8),
    /// 0: no usable memory.
    NotUsable,
}

/// What this step did with frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The number of frames.
    pub frames: u64,
    /// The lowest and the highest frame.
    pub lowest: usize,
    pub highest: usize,
}

impl Done {
    fn add(&mut self, frames: Range<usize>) {
        self.lowest = match self.frames {
            0 => frames.start,
            _ => self.lowest.min(frames.start),
        };
        self.highest = self.highest.max(frames.end.saturating_sub(1));
        self.frames += frames.len() as u64;
    }
}

/// A search: where it starts, and the first free frame from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    pub start: usize,
    pub found: Option<usize>,
}

/// What the figure shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The frame of the first bit, a multiple of [`ROW`].
    pub first: usize,
    pub bits: Vec<Bit, { ROWS * ROW }>,
    /// The bits that changed in this step.
    pub changed: [u64; ROWS],
    /// Runs of free frames among the bits.
    pub free_runs: usize,
    /// Usable frames, and free ones, in all of memory.
    pub usable: u64,
    pub free: u64,
    pub selected: Option<usize>,
    pub allocated: Done,
    pub freed: Done,
    /// The searches for the next frame: first fit, and next fit if a frame was allocated in this
    /// lesson.
    pub first_fit: Search,
    pub next_fit: Option<Search>,
    /// True if the figure must not show what the searches find: a question may ask for it. Before
    /// a step of a lesson has allocated a frame, the next question does.
    pub hides_searches: bool,
    balance: [i64; 6],
}

impl Content {
    /// The content of this scene.
    pub fn new(scene: &Scene<'_, '_>) -> Content {
        let model = scene.model;
        let frames = model.frames.len();
        let search = |start: usize| Search {
            start,
            found: (start..frames)
                .take(SEARCHED)
                .find(|&frame| bit_of(model, frame) == Bit::Free),
        };
        let first_fit = search(low_frames(frames).next_multiple_of(ROW));
        let selected = match scene.selection {
            Some(Selection::Frames { first, .. }) => Some(first),
            _ => None,
        };
        let middle = match scene.zoom.level {
            0 => selected.or(first_fit.found).unwrap_or(first_fit.start),
            _ => scene.zoom.middle,
        };
        let last = frames.div_ceil(ROW).saturating_sub(ROWS) * ROW;
        let first = ((middle / ROW).saturating_sub(1) * ROW).min(last);
        let shown = first..frames.min(first + ROWS * ROW);
        let bits: Vec<_, _> = shown.clone().map(|frame| bit_of(model, frame)).collect();
        let is_free = |at: usize| bits[at] == Bit::Free;
        let free_runs = (0..bits.len())
            .filter(|&at| is_free(at) && (at == 0 || !is_free(at - 1)))
            .count();
        let mut content = Content {
            first,
            changed: [0; ROWS],
            free_runs,
            usable: model.firmware_map.usable_frames(),
            free: model.free_frames(),
            selected,
            allocated: Done::default(),
            freed: Done::default(),
            first_fit,
            next_fit: last_allocated(scene).map(|frame| search(frame + 1)),
            hides_searches: scene.step.is_question,
            balance: scene.step.balance(),
            bits,
        };
        content.follow_step(scene);
        let is_lesson = scene.since > 0;
        content.hides_searches |= is_lesson && content.allocated == Done::default();
        content
    }

    /// Adds what the events of the step did.
    fn follow_step(&mut self, scene: &Scene<'_, '_>) {
        let timeline = scene.timeline;
        let start = scene.step.start().max(timeline.first());
        let start = start.max(timeline.cursor().saturating_sub(LOOK_BACK));
        for number in start..timeline.cursor() {
            let Some(event) = timeline.get_if(number, is_counted) else {
                continue;
            };
            let (Payload::FrameAllocate { first, frames, .. }
            | Payload::FrameFree { first, frames, .. }) = event.payload
            else {
                continue;
            };
            let first = (first.as_u64() / FRAME_BYTES) as usize;
            let frames = first..first + frames as usize;
            for frame in frames.clone() {
                if let Some(at) = frame.checked_sub(self.first).filter(|&at| at < ROWS * ROW) {
                    self.changed[at / ROW] |= 1 << (at % ROW);
                }
            }
            match event.payload.kind() {
                Kind::FrameAllocate => self.allocated.add(frames),
                _ => self.freed.add(frames),
            }
        }
    }
}

/// The frame that was allocated last in this lesson.
fn last_allocated(scene: &Scene<'_, '_>) -> Option<usize> {
    let is_allocation = |kind| kind == Kind::FrameAllocate as u8;
    let mut events = scene.timeline.events_back(LOOK_BACK, is_allocation);
    let (_, event) = events
        .next()
        .filter(|(_, event)| event.time >= scene.since)?;
    match event.payload {
        Payload::FrameAllocate { first, frames, .. } => {
            Some((first.as_u64() / FRAME_BYTES + frames) as usize - 1)
        }
        _ => None,
    }
}

fn bit_of(model: &Model<'_>, frame: usize) -> Bit {
    match model.frames.get(frame).and_then(|frame| frame.owner()) {
        Some(owner) => Bit::Used(owner as u8),
        None => match model.firmware_map.kind_of(frame as u64) {
            Some(MemoryKind::Usable) => Bit::Free,
            _ => Bit::NotUsable,
        },
    }
}

fn is_counted(kind: u8) -> bool {
    [Kind::FrameAllocate, Kind::FrameFree]
        .iter()
        .any(|&other| other as u8 == kind)
}
