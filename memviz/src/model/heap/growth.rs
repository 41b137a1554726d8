//! The heap grows and shrinks at its end, in chunks that are free.

use super::block::{CHUNK_BYTES, GRANULE_BYTES, Granule, ORDERS, is_range};
use super::{Heap, mark};
use crate::model::direction::Direction;
use crate::model::observer::Observer;
use x86_64::VirtAddr;

impl Heap<'_> {
    /// Adds chunks of free memory at the end, or removes them: all of them must be free.
    pub(super) fn grow(
        &mut self,
        start: VirtAddr,
        bytes: u64,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> Option<()> {
        if bytes == 0 || !bytes.is_multiple_of(CHUNK_BYTES) {
            return None;
        }
        let order = ORDERS as u8 - 1;
        let base = self.start.unwrap_or(start);
        let offset = start.as_u64().checked_sub(base.as_u64())?;
        let granule = |chunk: u64| (offset + chunk * CHUNK_BYTES) as usize / GRANULE_BYTES;
        let mut chunks = 0..bytes / CHUNK_BYTES;
        match direction {
            Direction::Forward => {
                let end = offset.checked_add(bytes)?;
                let fits = offset == self.totals.bytes && end <= self.maximum_bytes();
                if !fits || !is_range(base, end) {
                    return None;
                }
                self.start = Some(base);
                self.totals.bytes = end;
            }
            Direction::Back => {
                let is_end = offset.checked_add(bytes)? == self.totals.bytes;
                let is_free = |chunk| self.granules[granule(chunk)] == Granule::free(order);
                if !is_end || !chunks.all(is_free) {
                    return None;
                }
                self.totals.bytes = offset;
                self.start = Some(base).filter(|_| offset > 0);
            }
        }
        for chunk in 0..bytes / CHUNK_BYTES {
            let block = match direction {
                Direction::Forward => Granule::free(order),
                Direction::Back => Granule::default(),
            };
            self.granules[granule(chunk)] = block;
            mark(granule(chunk), order, observer);
        }
        let free = &mut self.totals.free[usize::from(order)];
        direction.count(free, bytes / CHUNK_BYTES);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::heap::HeapFrame;
    use mm::event::Payload;
    use mm::tag::Tag;

    const START: VirtAddr = VirtAddr::new_truncate(0xffff_c000_0000_0000);

    fn with_heap(test: impl FnOnce(&mut Heap)) {
        let (mut granules, mut frames) = (
            vec![Granule::default(); 1 << 15],
            [HeapFrame::default(); 512],
        );
        test(&mut Heap::new(&mut granules, &mut frames));
    }

    fn grow(heap: &mut Heap, start: VirtAddr, bytes: u64, direction: Direction) -> bool {
        heap.grow(start, bytes, direction, &mut ()).is_some()
    }

    #[test]
    fn a_chunk_with_a_live_block_does_not_shrink() {
        with_heap(|heap| {
            assert!(grow(heap, START, CHUNK_BYTES, Direction::Forward));
            let block = Payload::HeapAllocate {
                block: START,
                granules: 1,
                from: 14,
                requested: 64,
                owner: Tag::HEAP,
            };
            assert!(heap.step(block, Direction::Forward, &mut ()));
            let blocks: Vec<_> = heap.blocks().collect();
            assert!(!grow(heap, START, CHUNK_BYTES, Direction::Back));
            assert_eq!(heap.blocks().collect::<Vec<_>>(), blocks);
            assert!(heap.step(block, Direction::Back, &mut ()));
            assert!(grow(heap, START, CHUNK_BYTES, Direction::Back));
        });
    }

    #[test]
    fn no_bytes_and_bytes_past_the_last_address_are_refused() {
        with_heap(|heap| {
            let last = VirtAddr::new(u64::MAX - 0xf_ffff);
            let end_of_lower_half = VirtAddr::new((1 << 47) - CHUNK_BYTES);
            for (start, bytes) in [
                (START, 0),
                (last, 2 * CHUNK_BYTES),
                (end_of_lower_half, 2 * CHUNK_BYTES),
            ] {
                assert!(!grow(heap, start, bytes, Direction::Forward), "{start:?}");
                assert!(!grow(heap, start, bytes, Direction::Back), "{start:?}");
                assert_eq!(heap.start(), None);
            }
            assert!(grow(heap, last, CHUNK_BYTES, Direction::Forward));
        });
    }
}
