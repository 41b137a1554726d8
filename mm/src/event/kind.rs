//! The kinds of events, by their numbers.

use super::payload::Payload;
use crate::vocabulary::byte_enum::byte_enum;

byte_enum! {
    /// The kind byte of an event.
    Kind {
        /// See [`Payload::FirmwareRegion`].
        FirmwareRegion = 1, "firmware region";
        /// See [`Payload::FrameAllocate`].
        FrameAllocate = 2, "frame allocate";
        /// See [`Payload::FrameFree`].
        FrameFree = 3, "frame free";
        /// See [`Payload::FrameReference`].
        FrameReference = 4, "frame reference";
        /// See [`Payload::FrameRetag`].
        FrameRetag = 5, "frame retag";
        /// See [`Payload::FrameRefuse`].
        FrameRefuse = 6, "frame refuse";
        /// See [`Payload::Map`].
        Map = 7, "map";
        /// See [`Payload::Unmap`].
        Unmap = 8, "unmap";
        /// See [`Payload::Protect`].
        Protect = 9, "protect";
        /// See [`Payload::RegionOpen`].
        RegionOpen = 10, "region open";
        /// See [`Payload::RegionClose`].
        RegionClose = 11, "region close";
        /// See [`Payload::FaultBegin`].
        FaultBegin = 12, "fault begin";
        /// See [`Payload::FaultEnd`].
        FaultEnd = 13, "fault end";
        /// See [`Payload::HeapGrow`].
        HeapGrow = 14, "heap grow";
        /// See [`Payload::HeapShrink`].
        HeapShrink = 15, "heap shrink";
        /// See [`Payload::HeapAllocate`].
        HeapAllocate = 16, "heap allocate";
        /// See [`Payload::HeapFree`].
        HeapFree = 17, "heap free";
        /// See [`Payload::HeapRefuse`].
        HeapRefuse = 18, "heap refuse";
        /// See [`Payload::Caption`].
        Caption = 19, "caption";
        /// See [`Payload::SpaceSwitch`].
        SpaceSwitch = 20, "space switch";
        /// See [`Payload::ProcessStart`].
        ProcessStart = 21, "process start";
        /// See [`Payload::ProcessEnd`].
        ProcessEnd = 22, "process end";
        /// See [`Payload::FrameHeat`].
        FrameHeat = 23, "frame heat";
        /// See [`Payload::TableLink`].
        TableLink = 24, "table link";
        /// See [`Payload::TableUnlink`].
        TableUnlink = 25, "table unlink";
        /// See [`Payload::ProcessState`].
        ProcessState = 26, "process state";
        /// See [`Payload::ArenaOpen`].
        ArenaOpen = 27, "arena open";
        /// See [`Payload::ArenaClose`].
        ArenaClose = 28, "arena close";
        /// See [`Payload::ArenaAllocate`].
        ArenaAllocate = 29, "arena allocate";
        /// See [`Payload::ArenaFree`].
        ArenaFree = 30, "arena free";
        /// See [`Payload::HeapQuarantine`].
        HeapQuarantine = 31, "heap quarantine";
        /// See [`Payload::Corruption`].
        Corruption = 32, "corruption";
    }
}

impl Kind {
    /// How many numbers a table indexed by kind needs.
    pub const COUNT: usize = 33;
}

impl Payload {
    /// The kind of this payload.
    pub const fn kind(&self) -> Kind {
        match self {
            Payload::FirmwareRegion { .. } => Kind::FirmwareRegion,
            Payload::FrameAllocate { .. } => Kind::FrameAllocate,
            Payload::FrameFree { .. } => Kind::FrameFree,
            Payload::FrameReference { .. } => Kind::FrameReference,
            Payload::FrameRetag { .. } => Kind::FrameRetag,
            Payload::FrameRefuse { .. } => Kind::FrameRefuse,
            Payload::Map { .. } => Kind::Map,
            Payload::Unmap { .. } => Kind::Unmap,
            Payload::Protect { .. } => Kind::Protect,
            Payload::RegionOpen { .. } => Kind::RegionOpen,
            Payload::RegionClose { .. } => Kind::RegionClose,
            Payload::FaultBegin { .. } => Kind::FaultBegin,
            Payload::FaultEnd { .. } => Kind::FaultEnd,
            Payload::HeapGrow { .. } => Kind::HeapGrow,
            Payload::HeapShrink { .. } => Kind::HeapShrink,
            Payload::HeapAllocate { .. } => Kind::HeapAllocate,
            Payload::HeapFree { .. } => Kind::HeapFree,
            Payload::HeapRefuse { .. } => Kind::HeapRefuse,
            Payload::Caption { .. } => Kind::Caption,
            Payload::SpaceSwitch { .. } => Kind::SpaceSwitch,
            Payload::ProcessStart { .. } => Kind::ProcessStart,
            Payload::ProcessEnd { .. } => Kind::ProcessEnd,
            Payload::FrameHeat { .. } => Kind::FrameHeat,
            Payload::TableLink { .. } => Kind::TableLink,
            Payload::TableUnlink { .. } => Kind::TableUnlink,
            Payload::ProcessState { .. } => Kind::ProcessState,
            Payload::ArenaOpen { .. } => Kind::ArenaOpen,
            Payload::ArenaClose { .. } => Kind::ArenaClose,
            Payload::ArenaAllocate { .. } => Kind::ArenaAllocate,
            Payload::ArenaFree { .. } => Kind::ArenaFree,
            Payload::HeapQuarantine { .. } => Kind::HeapQuarantine,
            Payload::Corruption { .. } => Kind::Corruption,
        }
    }
}
