//! The model of an arena compared with its allocator, forwards and backwards.

use super::*;
use crate::model::Model;
use crate::testing::watched::Watched;
use crate::testing::watched::with_model;
use crate::view::map::View;
use mm::event::Event;
use mm::heap::arena::ArenaTracer;
use mm::heap::strategy::{ArenaStorage, BlockAllocator, Setup, Strategy};
use mm::tracer::Tracer;
use proptest::prelude::*;
use std::cell::RefCell;

const STRATEGIES: &[Strategy] = Strategy::RACED;
const BLOCKS: usize = 60;

#[derive(Default)]
struct Recorder(RefCell<Vec<Event>>);

impl Tracer for Recorder {
    fn record(&self, payload: Payload) {
        let time = self.0.borrow().len() as u64;
        let event = Event {
            time,
            cpu: 0,
            site: 0,
            payload,
        };
        self.0.borrow_mut().push(event);
    }
}

/// Passes an arena of 1 MiB with this strategy, and its tracer, to `visit`.
fn with_arena(
    strategy: Strategy,
    recorder: &Recorder,
    visit: impl FnOnce(&mut dyn BlockAllocator, &ArenaTracer<&Recorder>),
) {
    let start = VirtAddr::new(0xffff_a000_0000_0000 + (u64::from(strategy.number()) << 30));
    let tracer = ArenaTracer::open(recorder, start, 1, strategy);
    let sizes = strategy.sizes(tracer.bytes(), BLOCKS);
    let storage = ArenaStorage {
        bits: &mut vec![0; sizes.heap.bits],
        headers: &mut crate::testing::defaults(sizes.heap.headers),
        references: &mut vec![0; sizes.heap.references],
        free: &mut crate::testing::defaults(sizes.free),
        nodes: &mut crate::testing::defaults(sizes.nodes),
        live: &mut vec![0; sizes.live],
    };
    let setup = Setup {
        start,
        bytes: tracer.bytes(),
        storage,
        tracer: &tracer,
    };
    visit(
        &mut mm::heap::strategy::Arena::new(strategy, setup),
        &tracer,
    );
}

fn arena<'d>(model: &'d Model<'_>, strategy: Strategy) -> Option<&'d Arena> {
    model.arenas.all().find(|arena| arena.strategy == strategy)
}

proptest! {
    #![proptest_config(crate::testing::cases(40))]

    /// The model of each arena compared with its allocator; then the whole race reverted.
    #[test]
    fn an_arena_equals_its_allocator(steps in prop::collection::vec((0..BLOCKS, 1u64..60_000), 1..crate::testing::steps(150))) {
        let view = View { first: 0, shift: 4, cells: 10 };
        with_model(400, 1 << 20, view, |model| {
            let recorder = Recorder::default();
            for &strategy in STRATEGIES {
                let mut applied = recorder.0.borrow().len();
                with_arena(strategy, &recorder, |allocator, tracer| {
                    let mut held = [None; BLOCKS];
                    let mut requested = 0;
                    let mut catch_up = |model: &mut Watched| {
                        let events = recorder.0.borrow();
                        events[applied..].iter().for_each(|event| model.apply(event));
                        applied = events.len();
                    };
                    for &(place, bytes) in &steps {
                        match held[place].take() {
                            Some((offset, bytes)) => {
                                assert!(allocator.free(offset));
                                requested -= bytes;
                            }
                            None => {
                                held[place] = allocator.allocate(bytes).map(|offset| (offset, bytes));
                                requested += held[place].map_or(0, |_| bytes);
                            }
                        }
                        catch_up(model);
                        let arena = *arena(model, strategy).unwrap();
                        assert_eq!((arena.allocated, arena.requested), (allocator.allocated(), requested));
                        assert_eq!(model.arenas.free_space(&arena), allocator.free_space());
                        assert_eq!(arena.counts, tracer.counts());
                    }
                    for (offset, _) in held.into_iter().flatten() {
                        assert!(allocator.free(offset));
                    }
                    tracer.close();
                    catch_up(model);
                    assert_eq!(arena(model, strategy), None);
                });
            }
            let events = recorder.0.borrow();
            assert_eq!((model.contradictions, model.heap.totals().bytes), (0, 0));
            // Backwards: applying and reverting each event again restores the same state.
            for event in events.iter().rev() {
                let before = snapshot(model);
                model.revert(event);
                let earlier = snapshot(model);
                model.apply(event);
                assert_eq!(snapshot(model), before);
                model.revert(event);
                assert_eq!(snapshot(model), earlier);
            }
            assert!(model.arenas.is_empty() && model.arenas.live == 0);
            assert_eq!(model.contradictions, 0);
        });
    }
}

fn snapshot(model: &Model) -> (Vec<Arena>, Vec<ArenaBlock>) {
    let arenas = &model.arenas;
    (
        arenas.all().copied().collect(),
        arenas.blocks[..arenas.live].to_vec(),
    )
}

#[test]
fn a_block_outside_the_arena_is_a_contradiction() {
    let view = View {
        first: 0,
        shift: 4,
        cells: 10,
    };
    let start = VirtAddr::new(0xffff_a000_0000_0000);
    let strategy = Strategy::FirstFit;
    let open = |start| Payload::ArenaOpen {
        start,
        chunks: 1,
        workload: 0,
        requests: 0,
        strategy,
    };
    let allocate = |offset: u64, bytes| Payload::ArenaAllocate {
        block: start + offset,
        bytes,
        requested: 1,
        owner: mm::tag::Tag::HEAP,
    };
    let close = Payload::ArenaClose {
        start,
        chunks: 1,
        strategy,
        served: 1,
        refused: 0,
        splits: 0,
        merges: 0,
    };
    let payloads = [
        (open(start), 0),
        (open(start + 4096), 1),
        (allocate(64, 64), 1),
        (allocate(96, 16), 2),
        (allocate((1 << 20) - 16, 32), 3),
        (close, 4),
    ];
    with_model(400, 1 << 20, view, |model| {
        for (payload, contradictions) in payloads {
            model.apply(&Event {
                time: 0,
                cpu: 0,
                site: 0,
                payload,
            });
            assert_eq!(model.contradictions, contradictions, "{payload:?}");
        }
    });
}

#[test]
fn an_arena_past_the_last_address_is_a_contradiction() {
    let (mut blocks, strategy) = ([ArenaBlock::default(); 2], Strategy::FirstFit);
    let mut arenas = Arenas::new(&mut blocks);
    for start in [u64::MAX - 4095, (1 << 47) - 4096] {
        let start = VirtAddr::new(start);
        let open = Payload::ArenaOpen {
            start,
            chunks: 1,
            workload: 0,
            requests: 0,
            strategy,
        };
        assert_eq!(arenas.step(&open, Direction::Forward), Some(false));
        assert!(arenas.is_empty());
    }
}
