//! What somebody asks for, and what he gets: one or more blocks side by side.
//!
//! ```text
//! 300 B, whole     [        order 3: 512 B        ]              one block, 212 B of it unused
//! 300 B, trimmed   [ order 2: 256 B ][order 0]  free  free       its tail goes back: 20 B unused
//!                    └ header: more ──►└ header: part
//! ```
//! Invariants: the blocks of an allocation descend in order, so each one is aligned to its size;
//! the first one begins at a multiple of the power of two that holds them all. What was requested
//! fills them from the first one on. An allocation has at most [`MOST_BLOCKS`] blocks: that makes
//! the sizes of trimmed allocations classes, eight to a doubling, as in size-class allocators.

use super::{Block, FRAME_GRANULES, GRANULE_BYTES, Header, Heap, HeapError, Order};
use crate::event::Payload;
use crate::tag::Tag;
use crate::tracer::Tracer;
use x86_64::VirtAddr;

/// The most blocks that make one allocation: sizes have so many significant bits.
pub const MOST_BLOCKS: u32 = 4;

/// Who asked: a code address of the kernel as a distance from where its image begins, in 24 bits; 0
/// if unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(u32);

impl Site {
    /// Nobody knows.
    pub const UNKNOWN: Site = Site(0);

    /// The site at this distance, or unknown where 24 bits do not hold it.
    pub const fn new(distance: u64) -> Site {
        if distance < 1 << 24 {
            Site(distance as u32)
        } else {
            Site::UNKNOWN
        }
    }

    /// The distance.
    pub const fn distance(self) -> u32 {
        self.0
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// At least so many bytes.
    pub bytes: usize,
    /// And so many behind them that nobody asked for, unless 1 MiB is full before: room for a
    /// redzone.
    pub spare: usize,
    /// At a multiple of this.
    pub align: usize,
    /// For whom.
    pub owner: Tag,
    /// By whom.
    pub site: Site,
    /// Whether the tail of the block goes back to the heap. If not, the allocation is one block.
    pub trimmed: bool,
}

/// What somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Its first byte.
    pub address: VirtAddr,
    /// How many bytes it takes: all of its blocks.
    pub bytes: u64,
    /// How many of them were asked for.
    pub requested: u64,
    /// For whom: owner bits only.
    pub owner: Tag,
    /// By whom.
    pub site: Site,
    /// What else is known about it.
    pub marks: Marks,
}

impl Allocation {
    /// One past the last byte.
    pub fn end(&self) -> VirtAddr {
        self.address + self.bytes
    }
}

bitflags::bitflags! {
    /// What else is known about an allocation.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Marks: u8 {
        /// What was not asked for holds a known pattern, the redzone.
        const REDZONE = 1 << 0;
        /// Its user has given it back, the heap has not yet: it is kept to see who still writes to it.
        const QUARANTINED = 1 << 1;
        /// It was there at the last [`Heap::mark`].
        const OLD = 1 << 2;
    }
}

/// As many bytes as one allocation can have, of those asked for and those to spare.
#[inline]
pub(super) fn with_spare(bytes: usize, spare: usize) -> usize {
    let most = (Order::LARGEST.bytes() as usize).max(bytes);
    if bytes == 0 {
        0
    } else {
        bytes.saturating_add(spare).min(most)
    }
}

/// How many granules a trimmed allocation of that many bytes takes: rounded up to [`MOST_BLOCKS`]
/// significant bits.
#[inline]
pub(super) const fn granules_for(bytes: usize) -> usize {
    let granules = bytes.div_ceil(GRANULE_BYTES as usize);
    let bits = usize::BITS - granules.leading_zeros();
    if bits <= MOST_BLOCKS {
        granules
    } else {
        granules.next_multiple_of(1 << (bits - MOST_BLOCKS))
    }
}

/// The orders of the blocks that make so many granules, the largest first.
#[inline]
fn orders(granules: usize) -> impl Iterator<Item = Order> {
    let mut rest = granules;
    core::iter::from_fn(move || {
        let largest = rest.checked_ilog2()?;
        rest -= 1 << largest;
        Order::new(largest as u8)
    })
}

impl<T: Tracer> Heap<'_, T> {
    /// Takes what is asked for. Its content is whatever it was.
    ///
    /// # Errors
    /// As [`Heap::allocate`].
    #[inline]
    pub fn serve(&mut self, request: Request) -> Result<Allocation, HeapError> {
        let owner = request.owner & Tag::OWNERS;
        let room = with_spare(request.bytes, request.spare);
        let order = match self.order_for(room, request.align, owner) {
            Ok(order) => order,
            Err(error) => {
                self.refuse(request.bytes, owner);
                return Err(error);
            }
        };
        let bytes = request.bytes;
        let Some((granule, from)) = self.free.smallest(order) else {
            if self.committed < self.maximum {
                return Err(HeapError::MustGrow { bytes });
            }
            self.refuse(bytes, owner);
            return Err(HeapError::Exhausted { bytes });
        };
        let granules = if request.trimmed {
            granules_for(room)
        } else {
            order.granules()
        };
        let allocation = Allocation {
            address: self.address(granule),
            bytes: granules as u64 * GRANULE_BYTES,
            requested: bytes as u64,
            owner,
            site: request.site,
            marks: Marks::empty(),
        };
        self.take(&allocation, Some(from));
        Ok(allocation)
    }

    /// Makes free blocks into this allocation. Every granule of it is free; `from` is the order of
    /// the free block that holds it all and begins where it begins, if there is one.
    #[inline]
    pub(super) fn take(&mut self, allocation: &Allocation, mut from: Option<Order>) {
        let granules = (allocation.bytes / GRANULE_BYTES) as usize;
        let mut left = allocation.requested;
        let mut address = allocation.address;
        for order in orders(granules) {
            let requested = left.min(order.bytes());
            left -= requested;
            self.take_block(address, order, from, requested as u32, allocation);
            // The buddy of a block that was cut out of a larger one is free, and the next block
            // lies there.
            from = from.map(|_| order);
            address += order.bytes();
        }
        self.counts.allocations += 1;
    }

    #[inline]
    fn take_block(
        &mut self,
        address: VirtAddr,
        order: Order,
        from: Option<Order>,
        requested: u32,
        of: &Allocation,
    ) {
        let granule = ((address - self.start) / GRANULE_BYTES) as usize;
        let from = from.unwrap_or_else(|| self.free.order_around(granule, order));
        self.free.carve(granule, from, order);
        let block = Block {
            address,
            order,
            requested,
            owner: of.owner,
        };
        let part = address != of.address;
        let more = address + order.bytes() != of.end();
        self.headers[granule] = Header::of(&block, of.site, of.marks).linked(part, more);
        self.count_references(granule, order, |count| count + 1);
        self.counts.add(&block);
        self.tracer.record(Payload::HeapAllocate {
            block: address,
            order: order.number(),
            from: from.number(),
            requested,
            owner: of.owner,
        });
    }

    /// Makes the blocks of an allocation free, and merges them.
    pub(super) fn release(&mut self, allocation: &Allocation) {
        let mut address = allocation.address;
        while address < allocation.end() {
            let granule = ((address - self.start) / GRANULE_BYTES) as usize;
            let block = self.headers[granule].block(address);
            let block = block.expect("the blocks of an allocation have headers");
            self.release_block(granule, &block);
            address += block.order.bytes();
        }
        self.counts.allocations -= 1;
    }

    #[inline]
    fn release_block(&mut self, granule: usize, block: &Block) {
        self.headers[granule] = Header::default();
        self.count_references(granule, block.order, |count| count - 1);
        self.counts.remove(block);
        let merged = self.free.merge(granule, block.order);
        self.tracer.record(Payload::HeapFree {
            block: block.address,
            order: block.order.number(),
            into: merged.number(),
            requested: block.requested,
            owner: block.owner,
        });
    }

    /// The allocation whose first byte this is.
    #[inline]
    pub fn allocation(&self, address: VirtAddr) -> Option<Allocation> {
        let granule = self.granule(address)?;
        let header = self.headers[granule];
        let first = header.block(address)?;
        if header.is_part() || address != self.address(granule) {
            return None;
        }
        let mut allocation = Allocation {
            address,
            bytes: first.order.bytes(),
            requested: first.requested.into(),
            owner: first.owner,
            site: header.site(),
            marks: header.marks(),
        };
        let mut last = header;
        while last.has_more() {
            let next = allocation.end();
            last = self.headers[self.granule(next)?];
            let block = last.block(next)?;
            allocation.bytes += block.order.bytes();
            allocation.requested += u64::from(block.requested);
        }
        Some(allocation)
    }

    /// The allocation that has this byte.
    pub fn allocation_at(&self, address: VirtAddr) -> Option<Allocation> {
        let granule = self.granule(address)?;
        // An allocation begins at a multiple of a power of two that holds it all.
        let mut starts = Order::all().map(|order| granule & !(order.granules() - 1));
        starts.find_map(|first| {
            let found = self.allocation(self.address(first))?;
            (address < found.end()).then_some(found)
        })
    }

    /// All allocations, by ascending address.
    pub fn allocations(&self) -> impl Iterator<Item = Allocation> {
        self.live_blocks()
            .filter_map(|block| self.allocation(block.address))
    }

    /// Sets what else is known about an allocation by its first byte; `false` if none begins there.
    pub fn set_marks(&mut self, address: VirtAddr, marks: Marks) -> bool {
        let found = self.allocation(address).and_then(|_| self.granule(address));
        if let Some(granule) = found {
            self.headers[granule] = self.headers[granule].marked(marks);
        }
        found.is_some()
    }

    /// From now on every live allocation is [`Marks::OLD`]: what is not, later, was allocated
    /// since.
    pub fn mark(&mut self) {
        for header in self.headers[..self.committed]
            .iter_mut()
            .filter(|header| header.is_live())
        {
            *header = header.marked(header.marks() | Marks::OLD);
        }
    }

    #[inline]
    fn count_references(&mut self, granule: usize, order: Order, change: impl Fn(u8) -> u8) {
        let first = granule / FRAME_GRANULES;
        let frames = order.granules().div_ceil(FRAME_GRANULES);
        for count in &mut self.references[first..first + frames] {
            *count = change(*count);
        }
    }
}
