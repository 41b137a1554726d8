//! Records events as a kernel does, and makes random numbers that repeat in every run.

use mm::event::{Event, Payload};
use mm::tracer::Tracer;
use std::cell::RefCell;

/// Bytes of a mebibyte.
pub const MIB: u64 = 1 << 20;

/// Stores the events of the allocators.
#[derive(Default)]
pub struct Recorder(RefCell<Vec<Event>>);

impl Recorder {
    /// The events so far.
    pub fn into_events(self) -> Vec<Event> {
        self.0.into_inner()
    }
}

impl Tracer for Recorder {
    fn record(&self, payload: Payload) {
        let mut events = self.0.borrow_mut();
        let time = events.len() as u64 * 1_000_000;
        events.push(Event {
            time,
            cpu: 0,
            site: 0,
            payload,
        });
    }
}

/// Seeded random numbers, the same in every run.
pub struct Random(pub u64);

impl Random {
    /// The next number, below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
