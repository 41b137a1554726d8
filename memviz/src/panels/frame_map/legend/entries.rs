//! The entries of the legend in each view: colour, name, number of frames, change in this step.

use super::super::look;
use crate::graphics::theme::{Swatch, Theme};
use crate::model::Model;
use crate::view::map_mode::MapMode;
use crate::view::step::StepChanges;
use heapless::Vec;
use mm::event::Kind;
use mm::memory_map::MemoryKind;

/// Entries of the longest legend: the owners, free, not usable.
pub const MOST_ENTRIES: usize = 10;

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegendEntry {
    /// Colour, letter and name.
    pub swatch: Swatch,
    /// The number of frames.
    pub frames: u64,
    /// The change of this number in the current lesson step.
    pub delta: i64,
}

/// Returns the entries of a view.
pub fn entries(
    model: &Model,
    step: &StepChanges,
    mode: MapMode,
    theme: &Theme,
) -> Vec<LegendEntry, MOST_ENTRIES> {
    let frames = &model.frames;
    let entry = |swatch, frames, delta| LegendEntry {
        swatch,
        frames,
        delta,
    };
    let counted = |(swatch, frames)| entry(swatch, frames, 0);
    // While a question stands, changes could give its answer away.
    let change = |delta: i64| if step.is_question { 0 } else { delta };
    let mut all = Vec::new();
    match mode {
        MapMode::State => {
            let (used, pinned) = (frames.used(), frames.pinned());
            let rest = used.saturating_sub(pinned);
            all.extend([
                entry(look::used(theme), rest, change(step.frames)),
                entry(look::boot(theme), pinned, 0),
            ]);
        }
        MapMode::Tags => all.extend((0..).zip(look::owners(theme)).map(|(owner, swatch)| {
            let delta = change(step.owners[owner]);
            entry(swatch, frames.by_owner(owner), delta)
        })),
        MapMode::References => {
            let swatches = look::reference_swatches(theme).into_iter();
            all.extend(swatches.zip(frames.by_references()).map(counted));
        }
        MapMode::Heat => {
            let swatches = look::heat_swatches(theme).into_iter();
            all.extend(swatches.zip(frames.by_heat()).map(counted));
        }
    }
    let (rest, delta) = match mode {
        MapMode::Heat => {
            let warm: u64 = frames.by_heat().iter().sum();
            (model.firmware_map.usable_frames().saturating_sub(warm), 0)
        }
        _ => (model.free_frames(), change(-step.frames)),
    };
    all.extend([
        entry(look::empty(mode, theme), rest, delta),
        entry(look::not_usable(mode, theme), not_usable(model), 0),
    ]);
    all
}

/// Returns a sentence on the colours of a view, where they are not counts.
pub fn note(model: &Model, mode: MapMode) -> &'static str {
    match mode {
        MapMode::State | MapMode::Tags => "",
        MapMode::References => "Mean over the used frames of a cell, rounded up.",
        MapMode::Heat => match model.totals[Kind::FrameHeat as usize] {
            0 => "No heat events yet. They need the use counters.",
            _ => "Use: allocation, page fault or CPU access. Heat halves every 0.5 s.",
        },
    }
}

/// Frames on the map in regions that are never allocated.
fn not_usable(model: &Model) -> u64 {
    let all = model.frames.len() as u64;
    let regions = model.firmware_map.all().iter();
    regions
        .filter(|region| region.kind != MemoryKind::Usable)
        .map(|region| {
            let frames = crate::model::firmware_map::frames_of(region);
            frames.end.min(all) - frames.start.min(all)
        })
        .sum()
}
