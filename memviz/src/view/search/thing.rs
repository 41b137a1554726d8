//! The item that an event is about, to be selected.

use crate::model::Model;
use crate::view::selection::Selection;
use mm::event::{Payload, Subject};
use mm::memory_map::FRAME_BYTES;
use x86_64::VirtAddr;

/// Returns the item of the last event that a model has applied.
pub fn thing_of(payload: &Payload, model: &Model) -> Option<Selection> {
    let page = |address: VirtAddr| Selection::Page {
        space: match address.as_u64() >> 63 {
            0 => model.space,
            _ => 0,
        },
        address,
    };
    Some(match *payload {
        Payload::Map { page: address, .. }
        | Payload::Unmap { page: address, .. }
        | Payload::Protect { page: address, .. }
        | Payload::PageOut { page: address, .. }
        | Payload::PageIn { page: address, .. }
        | Payload::ReclaimScan { first: address, .. }
        | Payload::RegionOpen { start: address, .. }
        | Payload::RegionClose { start: address, .. } => page(address),
        Payload::FaultBegin { .. } | Payload::FaultEnd { .. } => {
            Selection::Fault(model.faults.total().checked_sub(1)?)
        }
        Payload::ProcessStart { number, .. } | Payload::ProcessState { number, .. } => {
            Selection::Process(number)
        }
        Payload::FrameRefuse { .. } => Selection::Refusal,
        _ => match payload.subject() {
            Subject::Frames(start, frames) => {
                let (first, count) = ((start.as_u64() / FRAME_BYTES) as usize, frames as usize);
                let end = first.checked_add(count)?;
                let exists = count > 0 && end <= model.frames.len();
                exists.then_some(Selection::Frames { first, count })?
            }
            Subject::Allocation(block) => Selection::Block(block),
            Subject::Other => return None,
        },
    })
}
