//! Physical memory as a value: frames, regions, the frame map, and the refused run.

use super::text::Hex;
use crate::dashboard::Dashboard;
use crate::graphics::theme::Theme;
use crate::model::frames::{HEAT_STEPS, REFERENCE_STEPS};
use crate::model::{FirmwareRegion, Frames, Model, OWNERS};
use mm::event::Kind;
use mm::frame::WhyNot;
use mm::memory_map::FRAME_BYTES;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
pub struct FrameState<'d> {
    frame_bytes: u64,
    on_map: usize,
    usable: u64,
    used: u64,
    free: u64,
    pinned: u64,
    shared: u64,
    by_references: [u64; REFERENCE_STEPS],
    by_heat: [u64; HEAT_STEPS],
    refused: u64,
    by_owner: ByOwner<'d>,
}

impl<'d> FrameState<'d> {
    pub fn of(model: &'d Model<'_>, theme: &'static Theme) -> FrameState<'d> {
        FrameState {
            frame_bytes: FRAME_BYTES,
            on_map: model.frames.len(),
            usable: model.firmware_map.usable_frames(),
            used: model.frames.used(),
            free: model.free_frames(),
            pinned: model.frames.pinned(),
            shared: model.frames.shared(),
            by_references: model.frames.by_references(),
            by_heat: model.frames.by_heat(),
            refused: model.totals[Kind::FrameRefuse as usize],
            by_owner: ByOwner(&model.frames, theme),
        }
    }
}

/// Frames of each owner.
struct ByOwner<'d>(&'d Frames<'d>, &'static Theme);

impl Serialize for ByOwner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = |owner| (self.1.owner(owner).words, self.0.by_owner(owner));
        serializer.collect_map((0..OWNERS).map(entry))
    }
}

/// The frame map: its view, its frames and its number of cells.
#[derive(Serialize)]
pub struct Map {
    mode: &'static str,
    first_frame: usize,
    frames_per_cell: usize,
    cells: usize,
    zoom: usize,
}

impl Map {
    pub fn of(dashboard: &Dashboard) -> Map {
        let view = dashboard.changes.cells.view();
        Map {
            mode: dashboard.mode.label().1,
            first_frame: view.first,
            frames_per_cell: view.frames_per_cell(),
            cells: view.cells,
            zoom: dashboard.stage.zoom.factor(),
        }
    }
}

/// The last refused run, while it is selected. Indices are in thousandths.
#[derive(Serialize)]
pub struct Refused {
    frames: u64,
    align_frames: u64,
    ceiling: Option<Hex>,
    free: u64,
    runs: u64,
    longest: u64,
    fragmentation_index: i32,
    unusable_index: u32,
    best_range: Option<Hex>,
    must_move: Option<u64>,
}

impl Refused {
    pub fn new(why: &WhyNot) -> Refused {
        let range = why.best_range;
        Refused {
            frames: why.run.frames,
            align_frames: why.run.align_frames,
            ceiling: why.run.ceiling.map(|end| Hex(end.as_u64())),
            free: why.free,
            runs: why.stretches,
            longest: why.longest,
            fragmentation_index: why.fragmentation_index(),
            unusable_index: why.unusable_index(),
            best_range: range.map(|range| Hex(range.first as u64 * FRAME_BYTES)),
            must_move: range.map(|range| range.used),
        }
    }
}

pub struct FirmwareMap<'d>(pub &'d [FirmwareRegion]);

impl Serialize for FirmwareMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|region| FirmwareRegionState {
            start: Hex(region.start.as_u64()),
            bytes: region.bytes,
            kind: region.kind.words(),
        }))
    }
}

#[derive(Serialize)]
struct FirmwareRegionState {
    start: Hex,
    bytes: u64,
    kind: &'static str,
}
