//! The last hard fault: a fold over the history.
//!
//! ```text
//! fault begin ─► [slot allocate, unmap, page out]  ─► page in ─► map ─► fault end
//!                 a page that leaves first
//! ```
//! Invariant: the same history gives the same fault, in the present and in the past.

use crate::model::faults::space_of;
use crate::panels::figures::followed::Fold;
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Access, ErrorCode, FaultCause};
use x86_64::{PhysAddr, VirtAddr};

/// The most slots whose size is known.
const SIZES: usize = 16;

/// A page whose entry names a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub space: u32,
    pub page: VirtAddr,
    pub slot: u32,
    /// The size of the content in the slot, if it is known.
    pub bytes: Option<u16>,
}

/// The page that left, so that its frame became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    pub page: VirtAddr,
    /// The slot that its entry names.
    pub slot: Option<u32>,
    /// The size of its content, if it was stored now.
    pub stored: Option<u16>,
}

/// A fault that reads a page from swap. Times are in nanoseconds since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HardFault {
    pub begin: u64,
    pub address: VirtAddr,
    pub code: ErrorCode,
    /// The page, in its slot.
    pub stored: Option<Stored>,
    /// How many pages left first.
    pub victims: u32,
    /// The last of them, and when it left.
    pub victim: Option<(Victim, u64)>,
    /// When the content was read.
    pub read: Option<u64>,
    /// The new frame, what its entry allows, and when the page was mapped.
    pub mapped: Option<(PhysAddr, Access, u64)>,
    /// The time in the handler, and the time of its end.
    pub end: Option<(u64, u64)>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HardFaultLog {
    /// The address space that the next event is about.
    space: u32,
    /// The process of the last replay, and the address of its page 0.
    replay: Option<(u32, VirtAddr)>,
    /// The content of the slots that were stored last.
    sizes: Vec<(u32, u16), SIZES>,
    /// The size of the content that was stored last, until its page leaves.
    stored: Option<u16>,
    /// True until the end of the last hard fault.
    is_open: bool,
    /// The last hard fault, open or not.
    pub fault: Option<HardFault>,
    /// The last page that went to swap.
    pub out: Option<Stored>,
}

impl Fold for HardFaultLog {
    fn concerns(kind: u8) -> bool {
        const KINDS: u64 = 1 << Kind::FaultBegin as u8
            | 1 << Kind::FaultEnd as u8
            | 1 << Kind::SpaceSwitch as u8
            | 1 << Kind::ReplayStart as u8
            | 1 << Kind::SlotAllocate as u8
            | 1 << Kind::Unmap as u8
            | 1 << Kind::Map as u8
            | 1 << Kind::PageOut as u8
            | 1 << Kind::PageIn as u8;
        kind < 64 && KINDS >> kind & 1 != 0
    }

    fn add(&mut self, event: &Event, counts: bool) {
        if let Payload::SpaceSwitch { number, .. } = event.payload {
            self.space = number;
        }
        if !counts {
            return;
        }
        match event.payload {
            Payload::ReplayStart { start, process, .. } => self.replay = Some((process, start)),
            Payload::FaultBegin {
                address,
                code,
                cause,
                ..
            } => {
                self.is_open = cause == FaultCause::Swapped;
                self.stored = None;
                if self.is_open {
                    self.fault = Some(HardFault {
                        begin: event.time,
                        address,
                        code,
                        stored: None,
                        victims: 0,
                        victim: None,
                        read: None,
                        mapped: None,
                        end: None,
                    });
                }
            }
            Payload::SlotAllocate { slot, bytes } => {
                self.sizes.retain(|&(known, _)| known != slot);
                if self.sizes.is_full() {
                    self.sizes.remove(0);
                }
                // There is room: the oldest one was removed.
                let _ = self.sizes.push((slot, bytes));
                self.stored = Some(bytes);
            }
            Payload::Unmap { page, .. } => self.set_victim(page, None, event.time),
            Payload::PageOut {
                page,
                slot,
                forked: false,
            } => {
                self.out = Some(self.stored_page(self.space, page, slot));
                self.set_victim(page, Some(slot), event.time);
            }
            _ => self.add_to_fault(event),
        }
    }
}

impl HardFaultLog {
    /// The number of a page of the replay.
    pub fn number_of(&self, space: u32, page: VirtAddr) -> Option<u64> {
        let (process, start) = self.replay?;
        (process == space && page >= start).then(|| (page - start) / FRAME_BYTES)
    }

    /// The page of the last hard fault, or else the last page that went to swap.
    pub fn subject(&self) -> Option<Stored> {
        match self.fault {
            Some(fault) => fault.stored,
            None => self.out,
        }
    }

    /// Adds an event that belongs to the page of the fault.
    fn add_to_fault(&mut self, event: &Event) {
        let (space, is_open) = (self.space, self.is_open);
        let stored = match event.payload {
            Payload::PageIn { page, slot, .. } => Some(self.stored_page(space, page, slot)),
            _ => None,
        };
        let Some(fault) = self.fault.as_mut().filter(|_| is_open) else {
            return;
        };
        let own = fault.address.align_down(FRAME_BYTES);
        match event.payload {
            Payload::PageIn {
                page,
                dropped: false,
                ..
            } if page == own => {
                fault.stored = stored;
                fault.read = Some(event.time);
            }
            Payload::Map {
                page,
                frame,
                access,
                ..
            } if page == own => fault.mapped = Some((frame, access, event.time)),
            Payload::FaultEnd {
                address,
                nanoseconds,
                ..
            } if space_of(space, address, fault.code) == space => {
                fault.end = Some((nanoseconds, event.time));
                self.is_open = false;
            }
            _ => {}
        }
    }

    /// Notes the page that leaves while the fault is open.
    fn set_victim(&mut self, page: VirtAddr, slot: Option<u32>, time: u64) {
        let stored = self.stored;
        if let Some(fault) = self.fault.as_mut().filter(|_| self.is_open) {
            let victim = Victim { page, slot, stored };
            // An unmap precedes the entry with the slot.
            fault.victims += u32::from(slot.is_none());
            fault.victim = Some((victim, time));
        }
        // The next page that leaves is stored anew.
        if slot.is_some() {
            self.stored = None;
        }
    }

    fn stored_page(&self, space: u32, page: VirtAddr, slot: u32) -> Stored {
        let mut sizes = self.sizes.iter();
        let bytes = sizes.find(|&&(known, _)| known == slot);
        Stored {
            space,
            page,
            slot,
            bytes: bytes.map(|&(_, bytes)| bytes),
        }
    }
}

#[cfg(test)]
mod tests;
