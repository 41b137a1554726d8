//! The last mismatch in the history, the place around it, and the cost of watching.

use crate::model::heap::FRAME_BYTES;
use crate::model::{Frame, Model};
use crate::timeline::{LOOK_BACK, Timeline};
use crate::view::step::StepChanges;
use heapless::Vec;
use mm::event::{Event, Kind, MismatchKind, Payload, Subject};
use mm::tag::Tag;

/// The number of frames that the figure shows on each side of the place.
const BESIDE: usize = 8;
/// The number of frames that the figure shows.
pub const AROUND: usize = 2 * BESIDE + 1;

/// What the figure shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    pub last: Option<Finding>,
    /// The number of events before the cursor.
    pub events: u64,
    /// The number of frames that the dashboard itself has.
    pub own_frames: u64,
    balance: [i64; 6],
    /// True while the figure must not show the answer.
    pub is_question: bool,
}

/// The last mismatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: MismatchKind,
    pub place: u64,
    pub picture: u32,
    pub machine: u32,
    pub on_purpose: bool,
    pub time: u64,
    /// The time at which a whole comparison found no difference any more.
    pub ended: Option<u64>,
    /// The last event at the place before the comparison.
    pub cause: Option<Event>,
    /// The number of the first frame of `around`.
    pub first: usize,
    /// The frames around the place, as the picture shows them; none if it is no frame.
    pub around: Vec<Frame, AROUND>,
}

impl Findings {
    /// Returns what is known at the cursor.
    pub fn new(timeline: &Timeline, model: &Model, step: &StepChanges) -> Findings {
        let own = Tag::MEMVIZ.owners().trailing_zeros() as usize;
        Findings {
            last: Finding::last(timeline, model),
            events: timeline.cursor(),
            own_frames: model.frames.by_owner(own),
            balance: step.balance(),
            is_question: step.is_question,
        }
    }
}

impl Finding {
    fn last(timeline: &Timeline, model: &Model) -> Option<Finding> {
        let is_found = |kind| kind == Kind::Mismatch as u8 || kind == Kind::MismatchEnd as u8;
        let mut ended = None;
        for (number, event) in timeline.events_back(LOOK_BACK, is_found) {
            match event.payload {
                Payload::MismatchEnd { .. } => ended = Some(event.time),
                Payload::Mismatch {
                    place,
                    picture,
                    machine,
                    kind,
                    on_purpose,
                } => {
                    let (first, around) = match kind.is_about_a_frame() {
                        true => around(model, place),
                        false => (0, Vec::new()),
                    };
                    return Some(Finding {
                        kind,
                        place,
                        picture,
                        machine,
                        on_purpose,
                        time: event.time,
                        ended,
                        cause: cause(timeline, number, kind, place),
                        first,
                        around,
                    });
                }
                _ => {}
            }
        }
        None
    }
}

/// Returns the frames around a physical address, and the number of the first one.
fn around(model: &Model, place: u64) -> (usize, Vec<Frame, AROUND>) {
    let frame = place as usize / FRAME_BYTES;
    let last = model.frames.len().saturating_sub(AROUND);
    let first = frame.saturating_sub(BESIDE).min(last);
    let frames = model.frames.all().iter().skip(first).take(AROUND);
    (first, frames.copied().collect())
}

/// Returns the last event at the place of a mismatch, before the mismatch.
fn cause(timeline: &Timeline, mismatch: u64, kind: MismatchKind, place: u64) -> Option<Event> {
    let kinds: &[Kind] = match kind {
        MismatchKind::Owner => &[Kind::FrameRetag, Kind::FrameAllocate, Kind::FrameFree],
        MismatchKind::References => &[Kind::FrameReference],
        MismatchKind::Heat => &[Kind::FrameHeat],
        MismatchKind::Entry => &[Kind::Map, Kind::Unmap],
        MismatchKind::Rights => &[Kind::Protect, Kind::Map],
        MismatchKind::Block => &[Kind::HeapCache, Kind::HeapFree, Kind::HeapAllocate],
        MismatchKind::Other => &[],
    };
    let is_of_kind = |kind| kinds.iter().any(|&other| other as u8 == kind);
    let mut events = timeline.events_back(LOOK_BACK, is_of_kind);
    let found = events.find(|(number, event)| *number < mismatch && is_at(event, place));
    found.map(|(_, event)| event)
}

fn is_at(event: &Event, place: u64) -> bool {
    match (event.payload, event.payload.subject()) {
        (Payload::Map { page, .. }, _)
        | (Payload::Unmap { page, .. }, _)
        | (Payload::Protect { page, .. }, _) => page.as_u64() == place,
        (_, Subject::Frames(first, frames)) => {
            let start = first.as_u64();
            (start..start.saturating_add(frames * FRAME_BYTES as u64)).contains(&place)
        }
        (_, Subject::Allocation(start)) => start.as_u64() == place,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fault;
    use crate::testing::watched::with_model;
    use crate::timeline::EVICTED_FAULTS;
    use crate::view::map::View;
    use x86_64::PhysAddr;

    const VIEW: View = View {
        first: 0,
        shift: 2,
        cells: 75,
    };

    /// A wrong event at frame 40, a right one elsewhere, the mismatch, and its end.
    #[test]
    fn the_last_mismatch_has_its_cause_and_its_end_and_goes_back_in_time() {
        let (first, other) = (PhysAddr::new(40 * 4096), PhysAddr::new(50 * 4096));
        let retag = |first, from, to| Payload::FrameRetag {
            first,
            frames: 1,
            from,
            to,
        };
        let allocate = |first| Payload::FrameAllocate {
            first,
            frames: 1,
            tag: Tag::KERNEL,
        };
        let (place, kind) = (first.as_u64(), MismatchKind::Owner);
        let payloads = [
            allocate(first),
            allocate(other),
            retag(first, Tag::KERNEL, Tag::CACHE),
            retag(other, Tag::KERNEL, Tag::HEAP),
            Payload::Mismatch {
                place,
                picture: Tag::CACHE.bits().into(),
                machine: Tag::KERNEL.bits().into(),
                kind,
                on_purpose: true,
            },
            retag(first, Tag::CACHE, Tag::KERNEL),
            Payload::MismatchEnd { place, kind },
        ];
        let mut slots = vec![[0; 4]; 16];
        let mut evicted = [Fault::default(); EVICTED_FAULTS];
        let mut timeline = Timeline::new(&mut slots, &mut evicted);
        with_model(100, 1 << 20, VIEW, |watched| {
            let mut seen = vec![Finding::last(&timeline, &watched.model)];
            for (time, payload) in (1..).zip(payloads) {
                let event = Event {
                    time,
                    cpu: 0,
                    site: 0,
                    payload,
                };
                timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
                seen.push(Finding::last(&timeline, &watched.model));
            }
            assert!(seen[..5].iter().all(Option::is_none), "{seen:?}");
            let found = seen[5].clone().expect("a mismatch");
            let cause = found.cause.expect("the wrong event");
            assert_eq!(cause.payload, payloads[2]);
            assert_eq!((found.ended, found.around.len()), (None, AROUND));
            let at_place = found.around[40 - found.first].tag();
            assert_eq!(at_place, Tag::CACHE);
            assert_eq!(seen[7].as_ref().and_then(|found| found.ended), Some(7));
            for position in (0..payloads.len()).rev() {
                let changes = &mut watched.changes;
                timeline.move_model_to(position as u64, &mut watched.model, changes);
                let then = Finding::last(&timeline, &watched.model);
                assert_eq!(then, seen[position], "at event {position}");
            }
        });
    }
}
