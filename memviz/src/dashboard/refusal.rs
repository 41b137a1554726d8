//! The run that was refused last, and what is in its way.
//!
//! ```text
//! event: a run is refused ──► told in the corner, outlined on the map      while time stands still, or on a key
//! ```
//! It is looked for only while it is looked at, and only when memory has changed.

use crate::model::Model;
use crate::timeline::Timeline;
use mm::event::Kind;
use mm::frame::{Holder, Run, WhyNot};
use mm::memory_map::MemoryKind;

/// What is known of the last refusal.
#[derive(Debug, Default)]
pub struct Refusal {
    /// Refusals so far when the last one was looked up, and that one.
    looked_up: Option<(u64, Option<Run>)>,
    /// How often memory had changed when it was examined, and what came of it.
    examined: Option<([u64; 5], WhyNot)>,
    /// The dashboard has selected it by itself.
    pub is_offered: bool,
    /// Refusals when somebody wanted to see no more of it.
    pub declined: Option<u64>,
}

/// What happens to frames.
const KINDS: [Kind; 5] = [
    Kind::FrameRefuse,
    Kind::FrameAllocate,
    Kind::FrameFree,
    Kind::FrameRetag,
    Kind::FirmwareRegion,
];

impl Refusal {
    /// Why the run cannot be had now; none if no refusal is known.
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
    /// What was found when it was looked at last.
    pub fn known(&self) -> Option<&WhyNot> {
        self.examined.as_ref().map(|(_, why)| why)
    }
}

/// Looks at all frames in reach of a run.
fn examine(model: &Model, run: Run) -> WhyNot {
    let frames = model.frames.all();
    // Most frames lie in the region of the frame before.
    let mut region = (0..0, false);
    WhyNot::examine(run, frames.len(), |number| {
        let frame = &frames[number];
        if frame.is_used() {
            return match frame.tag().is_movable() {
                true => Holder::Movable,
                false => Holder::Fixed,
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
            true => Holder::Nobody,
            false => Holder::Fixed,
        }
    })
}
