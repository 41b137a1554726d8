//! What an event is about, told from its kind alone where that is enough: histories are long.

use mm::event::{Kind, Payload};
use mm::memory_map::FRAME_BYTES;
use x86_64::VirtAddr;

pub fn is_refusal(kind: u8) -> bool {
    kind == Kind::FrameRefuse as u8
}

/// What comes by itself, and says nothing of what the machine was asked for.
pub fn is_aside(kind: u8) -> bool {
    kind == Kind::FrameHeat as u8
}

pub fn is_caption(kind: u8) -> bool {
    kind == Kind::Caption as u8
}

/// What the log of faults is told: they are in somebody's space.
pub fn is_about_faults(kind: u8) -> bool {
    let kinds = [Kind::FaultBegin, Kind::FaultEnd, Kind::SpaceSwitch];
    kinds.iter().any(|&other| other as u8 == kind)
}

pub fn is_about_frames(kind: u8) -> bool {
    let kinds = [
        Kind::FrameAllocate,
        Kind::FrameFree,
        Kind::FrameReference,
        Kind::FrameRetag,
        Kind::Map,
        Kind::Unmap,
        Kind::TableLink,
        Kind::TableUnlink,
    ];
    kinds.iter().any(|&other| other as u8 == kind)
}

/// What happened to an allocation.
pub fn is_about_allocations(kind: u8) -> bool {
    let kinds = [
        Kind::HeapAllocate,
        Kind::HeapFree,
        Kind::HeapQuarantine,
        Kind::Corruption,
    ];
    kinds.iter().any(|&other| other as u8 == kind)
}

/// Where the allocation begins that an event is about, or the first block of it.
pub fn allocation_of(payload: &Payload) -> Option<VirtAddr> {
    match *payload {
        Payload::HeapAllocate { block, .. }
        | Payload::HeapFree { block, .. }
        | Payload::HeapQuarantine { block, .. } => Some(block),
        Payload::Corruption { address, .. } => Some(address),
        _ => None,
    }
}

/// Where the frames that an event is about begin, and how many they are.
pub fn frames_of(payload: &Payload) -> Option<(u64, u64)> {
    Some(match *payload {
        Payload::FrameAllocate { first, frames, .. } | Payload::FrameFree { first, frames, .. } => {
            (first.as_u64(), frames)
        }
        Payload::FrameReference { frame, .. } => (frame.as_u64(), 1),
        Payload::FrameRetag { first, frames, .. } => (first.as_u64(), frames.into()),
        Payload::TableLink { table, .. } | Payload::TableUnlink { table, .. } => {
            (table.as_u64(), 1)
        }
        Payload::Map { frame, size, .. } | Payload::Unmap { frame, size, .. } => {
            (frame.as_u64(), size.bytes() / FRAME_BYTES)
        }
        _ => return None,
    })
}
