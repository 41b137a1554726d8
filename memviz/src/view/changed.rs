//! The panels whose content changed.

use mm::event::Kind;

/// The panels whose content changed since they were drawn. Cells of the maps have their own dirty
/// marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the panels")]
pub struct Changed {
    pub firmware_map: bool,
    pub frames: bool,
    pub heap: bool,
    pub faults: bool,
    pub mappings: bool,
    pub caption: bool,
}

impl Changed {
    /// All panels.
    pub const ALL: Changed = Changed {
        firmware_map: true,
        frames: true,
        heap: true,
        faults: true,
        mappings: true,
        caption: true,
    };

    /// Marks the panels that an event of this kind changes.
    pub fn mark(&mut self, kind: Kind) {
        let flag = match kind {
            // Only cells change, and they have their own dirty marks.
            Kind::FrameHeat => return,
            Kind::FirmwareRegion => {
                self.frames = true;
                &mut self.firmware_map
            }
            Kind::FrameAllocate
            | Kind::FrameFree
            | Kind::FrameReference
            | Kind::FrameRetag
            | Kind::FrameRefuse
            | Kind::Mismatch
            | Kind::MismatchEnd => &mut self.frames,
            Kind::Map
            | Kind::Unmap
            | Kind::Protect
            | Kind::TableLink
            | Kind::TableUnlink
            | Kind::RegionOpen
            | Kind::RegionClose
            | Kind::SpaceSwitch
            | Kind::ProcessStart
            | Kind::ProcessState
            | Kind::ProcessEnd
            | Kind::PageOut
            | Kind::PageIn
            | Kind::SlotAllocate
            | Kind::SlotReference
            | Kind::SlotFree => &mut self.mappings,
            Kind::FaultBegin
            | Kind::FaultEnd
            | Kind::ReplayStart
            | Kind::PageReference
            | Kind::ReclaimScan
            | Kind::WorkingSets
            | Kind::WorkingSet => &mut self.faults,
            Kind::HeapGrow
            | Kind::HeapShrink
            | Kind::HeapAllocate
            | Kind::HeapFree
            | Kind::HeapCache
            | Kind::HeapReuse
            | Kind::HeapReturn
            | Kind::HeapRefuse
            | Kind::ArenaOpen
            | Kind::ArenaClose
            | Kind::ArenaAllocate
            | Kind::ArenaFree
            | Kind::ArenaRequest
            | Kind::ArenaCost
            | Kind::HeapQuarantine
            | Kind::HeapMark
            | Kind::Corruption
            | Kind::WatchedBytes => &mut self.heap,
            Kind::Caption => &mut self.caption,
        };
        *flag = true;
    }
}
