//! Any operations on a heap: live allocations lie apart from each other, and only they can be
//! freed.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::{AnyTag, Number};
use libfuzzer_sys::fuzz_target;
use mm::heap::{
    CHUNK_BYTES, CacheStack, Header, Heap, HeapFreeError, HeapStorage, Marks, Request, Site,
};
use mm::tag::Tag;
use mm::tracer::Silent;
use std::collections::BTreeMap;
use x86_64::VirtAddr;

#[derive(Debug, Arbitrary)]
enum Operation {
    /// Bytes, spare bytes, alignment, owner, and whether the tail is returned.
    Serve(Number, Number, Number, AnyTag, bool),
    /// Bytes and spare bytes.
    Resize(Which, Number, Number),
    Free(Which),
    Grow,
    Shrink,
}

/// An address: that of an allocation, one in the heap, or any.
#[derive(Clone, Copy, Debug, Arbitrary)]
enum Which {
    Allocation(u8),
    Offset(Number),
    Address(u64),
}

const START: VirtAddr = VirtAddr::new_truncate(0xffff_c000_0000_0000);
const MAXIMUM: u64 = 3 * CHUNK_BYTES;

/// Bytes, requested bytes and owner of each live allocation.
type Model = BTreeMap<VirtAddr, (u64, u64, Tag)>;

impl Which {
    fn address(self, model: &Model) -> VirtAddr {
        let offset = |offset: u64| VirtAddr::new_truncate(START.as_u64().wrapping_add(offset));
        match self {
            Which::Allocation(number) => {
                let number = usize::from(number) % model.len().max(1);
                model.keys().nth(number).copied().unwrap_or(START)
            }
            Which::Offset(number) => offset(number.get()),
            Which::Address(address) => VirtAddr::new_truncate(address),
        }
    }
}

/// The live allocation around this address.
fn around(model: &Model, address: VirtAddr) -> Option<VirtAddr> {
    let (&start, entry) = model.range(..=address).next_back()?;
    (address - start < entry.0).then_some(start)
}

/// The heap and the model.
struct Pair<'m> {
    heap: Heap<'m, Silent>,
    model: Model,
}

impl Pair<'_> {
    /// Does the operation with the heap, checks the result and enters it into the model.
    fn step(&mut self, operation: &Operation) {
        match *operation {
            Operation::Serve(bytes, spare, align, owner, trimmed) => self.serve(Request {
                bytes: bytes.get() as usize,
                spare: spare.get() as usize,
                align: align.get() as usize,
                owner: owner.get(),
                site: Site::UNKNOWN,
                marks: Marks::empty(),
                trimmed,
            }),
            Operation::Resize(which, bytes, spare) => {
                let address = which.address(&self.model);
                let (bytes, spare) = (bytes.get() as usize, spare.get() as usize);
                if let Some(found) = self.heap.resize(address, bytes, spare) {
                    let entry = self.model.get_mut(&address).expect("a live allocation");
                    assert_eq!((found.address, found.requested), (address, bytes as u64));
                    (entry.0, entry.1) = (found.bytes, found.requested);
                }
            }
            Operation::Free(which) => self.free(which.address(&self.model)),
            Operation::Grow => {
                assert_eq!(self.heap.next_chunk().is_some(), self.heap.grow().is_ok());
            }
            Operation::Shrink => self.shrink(),
        }
    }

    fn serve(&mut self, request: Request) {
        let Ok(found) = self.heap.serve(request) else {
            return;
        };
        assert!(found.address.is_aligned(request.align as u64));
        assert_eq!(found.requested, request.bytes as u64);
        assert!(found.requested <= found.bytes);
        let entry = (found.bytes, found.requested, request.owner & Tag::OWNERS);
        assert_eq!(self.model.insert(found.address, entry), None);
    }

    fn free(&mut self, address: VirtAddr) {
        match self.heap.free(address) {
            Ok(_) => assert!(
                self.model.remove(&address).is_some(),
                "{address:?} was free"
            ),
            Err(HeapFreeError::Inside { allocation, .. }) => {
                assert_ne!(address, allocation.address);
                assert_eq!(around(&self.model, address), Some(allocation.address));
            }
            Err(HeapFreeError::AlreadyFree(_) | HeapFreeError::NotInHeap(_)) => {
                assert_eq!(around(&self.model, address), None);
            }
        }
    }

    fn shrink(&mut self) {
        let last = self.heap.committed_bytes().checked_sub(CHUNK_BYTES);
        let last = last.map(|offset| START + offset);
        let is_free = |chunk: &VirtAddr| {
            let mut live = self.model.iter();
            live.all(|(&start, entry)| start + entry.0 <= *chunk)
        };
        let expected = last.filter(is_free);
        assert_eq!(self.heap.shrink(), expected);
    }

    /// The allocations of the heap are those of the model, apart from each other.
    fn compare(&self) {
        let live = self.heap.allocations().map(|live| {
            let entry = (live.bytes, live.requested, live.owner);
            (live.address, entry)
        });
        assert_eq!(live.collect::<Model>(), self.model);
        let ends = self.model.iter().map(|(&start, entry)| start + entry.0);
        let next = self.model.keys().skip(1);
        assert!(ends.zip(next).all(|(end, &next)| end <= next));
    }
}

fuzz_target!(|operations: Vec<Operation>| {
    let sizes = HeapStorage::sizes(MAXIMUM);
    let storage = HeapStorage {
        bits: &mut vec![0; sizes.bits],
        headers: &mut vec![Header::default(); sizes.headers],
        references: &mut vec![0; sizes.references],
        cache: &mut vec![CacheStack::default(); sizes.cache],
    };
    let mut pair = Pair {
        heap: Heap::new(START, MAXIMUM, storage, Silent).expect("a heap of three chunks"),
        model: Model::new(),
    };
    for operation in operations.iter().take(64) {
        pair.step(operation);
        pair.compare();
    }
    assert_eq!(pair.heap.validate(), Ok(()));
});
