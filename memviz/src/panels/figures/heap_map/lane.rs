//! One arena of a workload, and what the events up to the cursor say of it.

use mm::event::{Event, Kind, Payload};
use mm::heap::RequestKind;
use mm::heap::fragmentation::{Thousandths, internal};
use mm::heap::strategy::Strategy;
use mm::heap::workload::Lifetimes;
use x86_64::VirtAddr;

/// A request that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its number, from 1.
    pub number: u32,
    /// The requested bytes.
    pub requested: u64,
    /// The largest free block at that time, in bytes.
    pub largest: u64,
}

/// The first request that two strategies place differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number, from 1.
    pub number: u32,
    /// The offsets in the first lane and in this one. `None`: no block.
    pub offsets: [Option<u64>; 2],
}

/// The counts of a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests made.
    pub requests: u32,
    /// Requests refused.
    pub refused: u32,
    /// The first of them: the point of failure.
    pub first_refusal: Option<Refusal>,
    /// Frees and sizes that are corruption.
    pub corruptions: u32,
    /// Resizes that moved their block.
    pub moves: u32,
    /// Ticks of the strategy: guest instructions if a clock counts them.
    pub ticks: u64,
    /// Requested bytes of the live blocks.
    pub requested: u64,
    /// Bytes of the live blocks.
    pub allocated: u64,
    /// The most requested bytes after a request.
    pub peak_requested: u64,
    /// The allocated bytes at that time.
    pub peak_allocated: u64,
    /// The highest end of a block.
    pub peak_heap: u64,
}

impl Counts {
    /// Returns the utilisation, as the malloc lab counts it.
    pub fn utilisation(&self) -> Thousandths {
        Thousandths::of(self.peak_requested, self.peak_heap)
    }

    /// Returns the internal fragmentation at the peak of requested bytes.
    pub fn internal(&self) -> Thousandths {
        internal(self.peak_requested, self.peak_allocated)
    }

    /// Returns the throughput: ticks a request.
    pub fn ticks_a_request(&self) -> u64 {
        self.ticks / u64::from(self.requests.max(1))
    }
}

/// An arena of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The first address.
    pub start: u64,
    /// The length in bytes.
    pub bytes: u64,
    /// The strategy.
    pub strategy: Strategy,
    /// The position of the event that opened it.
    pub begin: u64,
    /// The position of the event that closed it.
    pub end: Option<u64>,
    /// The counts up to the cursor.
    pub counts: Counts,
    /// The life times of the freed blocks.
    pub lifetimes: Lifetimes,
    /// The first difference from the first lane.
    pub difference: Option<Difference>,
    /// The offset of the block that the current request placed last.
    pub placed: Option<u64>,
    /// The requested bytes of the request that was refused last.
    refused_bytes: u64,
    /// The position in the history up to which the first lane is compared.
    pub compared: u64,
}

/// An event of an arena, as a change of its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The block is live from now on.
    Allocate(BlockSize),
    /// The block is no longer live.
    Free(BlockSize),
    /// The arena at this address refused so many bytes.
    Refuse(u64, u64),
    /// The arena at this address has finished a request.
    Request(u64),
}

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockSize {
    /// The first address.
    pub address: u64,
    /// The length in bytes.
    pub bytes: u64,
    /// The requested bytes.
    pub requested: u64,
}

impl BlockSize {
    fn new(address: VirtAddr, bytes: u64, requested: u32) -> BlockSize {
        BlockSize {
            address: address.as_u64(),
            bytes,
            requested: requested.into(),
        }
    }
}

impl Change {
    /// Returns the change that an event describes, if any.
    pub fn of(event: &Event) -> Option<Change> {
        const GRANULE: u64 = mm::heap::GRANULE_BYTES;
        Some(match event.payload {
            Payload::ArenaAllocate {
                block,
                bytes,
                requested,
                ..
            } => Change::Allocate(BlockSize::new(block, bytes.into(), requested)),
            Payload::ArenaFree {
                block,
                bytes,
                requested,
                ..
            } => Change::Free(BlockSize::new(block, bytes.into(), requested)),
            Payload::HeapAllocate {
                block,
                granules,
                requested,
                ..
            } => Change::Allocate(BlockSize::new(
                block,
                u64::from(granules) * GRANULE,
                requested,
            )),
            Payload::HeapFree {
                block,
                granules,
                requested,
                ..
            } => Change::Free(BlockSize::new(
                block,
                u64::from(granules) * GRANULE,
                requested,
            )),
            Payload::HeapRefuse {
                heap, requested, ..
            } => Change::Refuse(heap.as_u64(), requested),
            Payload::ArenaRequest { arena, .. } => Change::Request(arena << 24),
            _ => return None,
        })
    }

    /// Returns the address that names the arena.
    pub const fn address(self) -> u64 {
        match self {
            Change::Allocate(block) | Change::Free(block) => block.address,
            Change::Refuse(address, _) | Change::Request(address) => address,
        }
    }
}

impl Lane {
    /// Creates an arena that an event at this position opened.
    pub fn new(start: VirtAddr, bytes: u64, strategy: Strategy, begin: u64) -> Lane {
        Lane {
            start: start.as_u64(),
            bytes,
            strategy,
            begin,
            end: None,
            counts: Counts::default(),
            lifetimes: Lifetimes::default(),
            difference: None,
            placed: None,
            refused_bytes: 0,
            compared: 0,
        }
    }

    /// Returns whether the address is in the arena.
    pub const fn contains(&self, address: u64) -> bool {
        address >= self.start && address - self.start < self.bytes
    }

    /// Counts a change of the blocks.
    pub fn change(&mut self, change: Change) {
        let counts = &mut self.counts;
        match change {
            Change::Allocate(block) => {
                let offset = block.address - self.start;
                counts.requested += block.requested;
                counts.allocated += block.bytes;
                counts.peak_heap = counts.peak_heap.max(offset + block.bytes);
                self.placed = Some(offset);
            }
            Change::Free(block) => {
                counts.requested = counts.requested.saturating_sub(block.requested);
                counts.allocated = counts.allocated.saturating_sub(block.bytes);
            }
            Change::Refuse(_, bytes) => self.refused_bytes = bytes,
            Change::Request(_) => {}
        }
    }

    /// Counts a finished request: its kind, ticks, detail, and size.
    pub fn request(&mut self, kind: RequestKind, ticks: u32, detail: u32, size: u8) {
        let counts = &mut self.counts;
        counts.requests += 1;
        counts.ticks += u64::from(ticks);
        counts.corruptions += u32::from(kind.is_corruption());
        counts.moves += u32::from(kind == RequestKind::Move);
        match kind {
            RequestKind::Free => self.lifetimes.add(size, detail),
            RequestKind::Refused => {
                counts.refused += 1;
                counts.first_refusal.get_or_insert(Refusal {
                    number: counts.requests,
                    requested: self.refused_bytes,
                    largest: u64::from(detail) * 16,
                });
            }
            _ => {}
        }
        if counts.requested > counts.peak_requested {
            counts.peak_requested = counts.requested;
            counts.peak_allocated = counts.allocated;
        }
    }
}

/// The kinds of events that arenas have.
pub fn is_of_arena(kind: u8) -> bool {
    const KINDS: [Kind; 8] = [
        Kind::ArenaRequest,
        Kind::ArenaAllocate,
        Kind::ArenaFree,
        Kind::HeapAllocate,
        Kind::HeapFree,
        Kind::HeapRefuse,
        Kind::ArenaOpen,
        Kind::ArenaClose,
    ];
    KINDS.iter().any(|&other| other as u8 == kind)
}
