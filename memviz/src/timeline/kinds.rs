//! The sets of kinds that searches of the history look for. A history is long, so a search does not
//! decode its events to find the right ones.

use mm::event::{Kind, Topic};

/// True for the kind of refused requests for frames.
pub fn is_refusal(kind: u8) -> bool {
    kind == Kind::FrameRefuse as u8
}

/// True for the kind that the kernel records periodically, without a request.
pub fn is_periodic(kind: u8) -> bool {
    kind == Kind::FrameHeat as u8
}

/// True for captions.
pub fn is_caption(kind: u8) -> bool {
    kind == Kind::Caption as u8
}

/// True for kinds that the fault log applies: faults, the address space that they belong to, and
/// the pages that the handler maps.
pub fn is_about_faults(kind: u8) -> bool {
    let kinds = [
        Kind::FaultBegin,
        Kind::FaultEnd,
        Kind::SpaceSwitch,
        Kind::Map,
    ];
    kinds.iter().any(|&other| other as u8 == kind)
}

/// True for kinds whose subject is frames.
pub fn is_about_frames(kind: u8) -> bool {
    has_topic(kind, Topic::Frames)
}

/// True for kinds whose subject is an allocation.
pub fn is_about_allocations(kind: u8) -> bool {
    has_topic(kind, Topic::Allocation)
}

fn has_topic(kind: u8, topic: Topic) -> bool {
    Kind::from_number(kind).is_some_and(|kind| kind.topic() == topic)
}
