//! The last refused run, and the used frames that block it.
//!
//! ```text
//! event: a run is refused ──► details in the corner, outlined on the map      while time is paused, or on a key
//! ```
//! The search runs only while its result is visible, and only after memory has changed.

use crate::model::Model;
use crate::timeline::Timeline;
use mm::event::Kind;
use mm::frame::{FrameUse, Run, WhyNot};
use mm::memory_map::MemoryKind;

/// The known facts about the last refusal.
#[derive(Debug, Default)]
pub struct Refusal {
    /// The number of refusals at the last search, and the last refusal.
    looked_up: Option<(u64, Option<Run>)>,
    /// The version of memory at the last examination, and the result.
    examined: Option<([u64; 5], WhyNot)>,
    /// True if the dashboard selected it automatically.
    pub is_offered: bool,
    /// The number of refusals when the user hid the refusal.
    pub declined: Option<u64>,
}

/// The type of a change of frames.
const KINDS: [Kind; 5] = [
    Kind::FrameRefuse,
    Kind::FrameAllocate,
    Kind::FrameFree,
    Kind::FrameRetag,
    Kind::FirmwareRegion,
];

impl Refusal {
    /// Returns the reason why the run is not available now; none if no refusal is known.
    pub fn why_not(&mut self, model: &Model, timeline: &Timeline) -> Option<&WhyNot> {
        let refused = model.totals[Kind::FrameRefuse as usize];
        let run = match self.looked_up {
            Some((known, run)) if known == refused => run,
            _ => timeline.last_refusal(),
        };
        self.looked_up = Some((refused, run));
        let version = KINDS.map(|kind| model.totals[kind as usize]);
        if self
            .examined
            .as_ref()
            .is_none_or(|(known, why)| *known != version || Some(why.run) != run)
        {
            self.examined = run.map(|run| (version, examine(model, run)));
        }
        self.examined.as_ref().map(|(_, why)| why)
    }
}

impl Refusal {
    /// Returns the result of the last examination.
    pub fn known(&self) -> Option<&WhyNot> {
        self.examined.as_ref().map(|(_, why)| why)
    }
}

/// Examines all frames in the range of the request.
fn examine(model: &Model, run: Run) -> WhyNot {
    let frames = model.frames.all();
    // Most frames are in the region of the previous frame.
    let mut region = (0..0, false);
    WhyNot::examine(run, frames.len(), |number| {
        let frame = &frames[number];
        if frame.is_used() {
            return match frame.tag().is_movable() {
                true => FrameUse::Movable,
                false => FrameUse::Unmovable,
            };
        }
        if !region.0.contains(&number) {
            let kind = model.firmware_map.around(number as u64);
            region = (
                kind.0.start as usize..kind.0.end as usize,
                kind.1 == Some(MemoryKind::Usable),
            );
        }
        match region.1 {
            true => FrameUse::Free,
            false => FrameUse::Unmovable,
        }
    })
}
