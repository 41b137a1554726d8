//! The selection: a part of memory, a fault or a process that all panels highlight.

use crate::model::heap::block_bytes;
use core::fmt;
use mm::units::Bytes;
use serde::{Deserialize, Serialize};
use x86_64::{PhysAddr, VirtAddr};

/// A selected part of the machine's memory, a fault or a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// Adjacent frames: those of a cell of the map.
    Frames {
        /// The number of the first frame.
        first: usize,
        /// The number of frames, at least 1.
        count: usize,
    },
    /// A page, mapped or not, in the address space of a process; 0 is the kernel.
    Page {
        /// The process.
        space: u32,
        /// An address in the page.
        #[serde(with = "stored_address")]
        address: VirtAddr,
    },
    /// The heap block that starts at this address.
    Block(#[serde(with = "stored_address")] VirtAddr),
    /// A heap block that was split, with all blocks in it.
    Split {
        /// Its first address.
        #[serde(with = "stored_address")]
        start: VirtAddr,
        /// Its order; order 0 is 64 B.
        order: u8,
    },
    /// A page fault, by its number since boot, counted from 0.
    Fault(u64),
    /// A process, by its number.
    Process(u32),
    /// A region of the memory map, by its index.
    FirmwareRegion(usize),
    /// The run of frames that was refused last.
    Refusal,
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Selection::Frames { first, count: 1 } => write!(f, "frame {:#x}", address(first)),
            Selection::Frames { first, count } => {
                write!(f, "{count} frames from {:#x}", address(first))
            }
            Selection::Page { address, .. } => write!(f, "page {address:#x}"),
            Selection::Block(start) => write!(f, "heap block {start:#x}"),
            Selection::Split { start, order } => {
                write!(f, "split {} {start:#x}", Bytes(block_bytes(order)))
            }
            Selection::Fault(number) => write!(f, "fault {number}"),
            Selection::Process(number) => write!(f, "process {number}"),
            Selection::FirmwareRegion(number) => write!(f, "region {number}"),
            Selection::Refusal => f.write_str("refused run"),
        }
    }
}

/// Returns the address of a frame.
fn address(frame: usize) -> PhysAddr {
    PhysAddr::new(frame as u64 * mm::memory_map::FRAME_BYTES)
}

/// The form of an address in a trace file: a number.
mod stored_address {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::{Serialize, Serializer};
    use x86_64::VirtAddr;

    pub fn serialize<S: Serializer>(address: &VirtAddr, to: S) -> Result<S::Ok, S::Error> {
        address.as_u64().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<VirtAddr, D::Error> {
        let address = VirtAddr::try_new(u64::deserialize(from)?);
        address.map_err(|_| D::Error::custom("an address that is not canonical"))
    }
}
