//! The addresses that an event is about.

use crate::model::heap::block_bytes;
use crate::view::names::CODE;
use mm::event::{Event, Payload, Subject};
use mm::memory_map::FRAME_BYTES;

/// Returns whether an event is about a physical or virtual address: of its frames, its page, its
/// block, its region, or its call site. Samples of heat are about no address.
pub fn reaches(event: &Event, address: u64) -> bool {
    let is_in = |start: u64, bytes: u64| address.wrapping_sub(start) < bytes;
    let is_site = event.site != 0 && address == CODE | u64::from(event.site);
    let is_frame = match event.payload.subject() {
        Subject::Frames(start, frames) => is_in(start.as_u64(), frames.saturating_mul(FRAME_BYTES)),
        Subject::Allocation(_) | Subject::Other => false,
    };
    let is_own = own(&event.payload).is_some_and(|(start, bytes)| is_in(start, bytes));
    is_site || is_frame || is_own
}

/// Returns the first address of an event's page, block or region, and its bytes.
fn own(payload: &Payload) -> Option<(u64, u64)> {
    Some(match *payload {
        Payload::Map { page, size, .. }
        | Payload::Unmap { page, size, .. }
        | Payload::Protect { page, size, .. } => (page.as_u64(), size.bytes()),
        Payload::PageOut { page, .. } | Payload::PageIn { page, .. } => {
            (page.as_u64(), FRAME_BYTES)
        }
        Payload::FaultBegin { address, .. } | Payload::FaultEnd { address, .. } => {
            (address.as_u64() & !(FRAME_BYTES - 1), FRAME_BYTES)
        }
        Payload::HeapAllocate {
            block, granules, ..
        }
        | Payload::HeapFree {
            block, granules, ..
        }
        | Payload::HeapCache {
            block, granules, ..
        }
        | Payload::HeapReuse {
            block, granules, ..
        }
        | Payload::HeapReturn {
            block, granules, ..
        } => (block.as_u64(), u64::from(granules) * block_bytes(0)),
        Payload::HeapQuarantine { block, bytes, .. }
        | Payload::ArenaAllocate { block, bytes, .. }
        | Payload::ArenaFree { block, bytes, .. } => (block.as_u64(), bytes.into()),
        Payload::Corruption { address, .. } => (address.as_u64(), 1),
        Payload::RegionOpen { start, bytes, .. }
        | Payload::RegionClose { start, bytes, .. }
        | Payload::HeapGrow { start, bytes }
        | Payload::HeapShrink { start, bytes } => (start.as_u64(), bytes),
        Payload::FirmwareRegion { start, bytes, .. } => (start.as_u64(), bytes),
        Payload::WatchedBytes { address, .. } => (address.as_u64(), 4),
        Payload::Mismatch { place, .. } | Payload::MismatchEnd { place, .. } => (place, 1),
        _ => return None,
    })
}
