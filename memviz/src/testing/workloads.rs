//! Workloads that real strategies play, as the events of their arenas.

use mm::event::{Event, Payload};
use mm::heap::CHUNK_BYTES;
use mm::heap::arena::{ArenaTracer, WorkloadId};
use mm::heap::strategy::{Arena, ArenaStorage, Setup, Strategy};
use mm::heap::workload::{Held, Outcome, Player, Request};
use mm::tracer::Tracer;
use std::cell::RefCell;
use x86_64::VirtAddr;

/// Number of blocks of a random workload.
pub const BLOCKS: usize = 30;

/// A tracer that keeps the events. Its clock counts them.
#[derive(Default)]
pub struct Recorder(pub RefCell<Vec<Event>>);

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

/// Plays requests in an arena of 1 MiB at the usual address, and closes it if `closes`.
pub fn play(
    recorder: &Recorder,
    strategy: Strategy,
    requests: &[Request],
    closes: bool,
) -> Outcome {
    let start = VirtAddr::new(0xffff_e800_0000_0000);
    let sizes = strategy.sizes(CHUNK_BYTES, BLOCKS + 2);
    let storage = ArenaStorage {
        bits: &mut vec![0; sizes.heap.bits],
        headers: &mut crate::testing::defaults(sizes.heap.headers),
        references: &mut vec![0; sizes.heap.references],
        free: &mut crate::testing::defaults(sizes.free),
        nodes: &mut crate::testing::defaults(sizes.nodes),
        live: &mut vec![0; sizes.live],
    };
    let id = WorkloadId {
        checksum: 7,
        requests: requests.len() as u32,
    };
    let tracer = ArenaTracer::open_for(recorder, start, 1, strategy, id);
    let setup = Setup {
        start,
        bytes: CHUNK_BYTES,
        storage,
        tracer: &tracer,
    };
    let mut held = [Held::default(); BLOCKS];
    let mut player = Player::new(Arena::new(strategy, setup), &mut held);
    for &request in requests {
        let step = player.request(request);
        tracer.record(player.event(step, start, 100));
    }
    let outcome = player.outcome();
    if closes {
        player.clear();
        tracer.close();
    }
    outcome
}

/// Requests of all kinds, from seeded random numbers. Some do not fit into 1 MiB.
pub fn requests(seed: u64, len: usize) -> Vec<Request> {
    let mut state = seed;
    let mut random = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let request = |_| {
        let block = random(BLOCKS as u64) as usize;
        let doubling = random(19);
        let bytes = random(2 << doubling);
        match random(12) {
            0..5 => Request::Allocate { block, bytes },
            5..7 => Request::Resize { block, bytes },
            7..11 => Request::Free { block },
            _ => Request::FreeAgain,
        }
    };
    let mut live = [false; BLOCKS];
    let is_sound = |request: &Request| match *request {
        Request::Allocate { block, .. } => !std::mem::replace(&mut live[block], true),
        Request::Resize { block, .. } => live[block],
        Request::Free { block } => std::mem::take(&mut live[block]),
        _ => true,
    };
    (0..).map(request).filter(is_sound).take(len).collect()
}
