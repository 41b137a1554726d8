//! The heaps of the example machine: blocks of mixed sizes are allocated and freed, and the
//! strategies race.

use crate::recorder::{MIB, Random, Recorder};
use mm::heap::arena::ArenaTracer;
use mm::heap::race::{self, Held, RequestTrace};
use mm::heap::strategy::{Arena, ArenaStorage, Setup, Strategy};
use mm::heap::{Heap, HeapError, HeapStorage};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Allocates blocks of mixed sizes, and frees some of them.
pub fn live_on_the_heap(recorder: &Recorder) {
    let maximum = 16 * MIB;
    let sizes = HeapStorage::sizes(maximum);
    let (mut bits, mut headers, mut references, mut cache) = (
        vec![0; sizes.bits],
        vec![Default::default(); sizes.headers],
        vec![0; sizes.references],
        vec![Default::default(); sizes.cache],
    );
    let storage = HeapStorage {
        bits: &mut bits,
        headers: &mut headers,
        references: &mut references,
        cache: &mut cache,
    };
    let start = VirtAddr::new(0xffff_c000_0000_0000);
    let mut heap = Heap::new(start, maximum, storage, recorder).expect("a good heap");
    let owners = [
        Tag::KERNEL,
        Tag::USER,
        Tag::CACHE,
        Tag::STACK,
        Tag::DEVICE,
        Tag::KERNEL,
    ];
    let mut random = Random(7);
    let mut next = |bound| random.below(bound);
    let mut held = Vec::new();
    for _ in 0..900 {
        if next(3) > 0 || held.is_empty() {
            let bytes = ((20 + next(60)) << next(11)) as usize;
            let owner = owners[next(6) as usize];
            let block = heap.allocate(bytes, 1, owner).or_else(|error| match error {
                HeapError::MustGrow { .. } => {
                    heap.grow().and_then(|()| heap.allocate(bytes, 1, owner))
                }
                error => Err(error),
            });
            held.extend(
                block
                    .ok()
                    .filter(|_| heap.statistics().committed_bytes <= 2 * MIB),
            );
        } else {
            let block = held.swap_remove(next(held.len() as u64) as usize);
            heap.free(block.address).expect("live");
        }
    }
}

/// Four arenas, in the middle of a race.
pub fn race(recorder: &Recorder) {
    for &strategy in Strategy::RACED {
        let start = VirtAddr::new(0xffff_a000_0000_0000 + (u64::from(strategy.number()) << 30));
        let tracer = ArenaTracer::open(recorder, start, 1, strategy);
        let trace = RequestTrace {
            seed: 5,
            steps: 400,
            smallest: 256,
            largest: 32 << 10,
        };
        let mut held = [Held::default(); 90];
        let sizes = strategy.sizes(tracer.bytes(), held.len());
        let storage = ArenaStorage {
            bits: &mut vec![0; sizes.heap.bits],
            headers: &mut vec![Default::default(); sizes.heap.headers],
            references: &mut vec![0; sizes.heap.references],
            free: &mut vec![Default::default(); sizes.free],
            nodes: &mut vec![Default::default(); sizes.nodes],
            live: &mut vec![0; sizes.live],
        };
        let setup = Setup {
            start,
            bytes: tracer.bytes(),
            storage,
            tracer: &tracer,
        };
        race::race(&mut Arena::new(strategy, setup), trace, &mut held);
    }
}
