//! Published crates, and plain stores to an array as the floor.

use super::contender::{CAPACITY, RingContender, number, words};
use ph_eventing::seq_ring::{Consumer, Producer, SeqRing};

type Words = [u64; 4];

#[inline(always)]
fn event(number: u64, time: impl FnOnce() -> u64) -> Words {
    let [kind, address, value] = words(number);
    [time(), kind, address, value]
}

/// Stores to an array.
pub struct Stores {
    slots: Box<[Words]>,
    next: usize,
}

impl RingContender for Stores {
    const NAME: &'static str = "plain stores";
    const IS_SHARED: bool = true;

    fn new() -> Self {
        Stores {
            slots: vec![[0; 4]; CAPACITY].into(),
            next: 0,
        }
    }

    #[inline(always)]
    fn push(&mut self, number: u64, time: impl FnOnce() -> u64) {
        self.slots[self.next % CAPACITY] = event(number, time);
        self.next += 1;
    }

    fn drain(&mut self) -> Result<Vec<u64>, String> {
        let kept = self.next.saturating_sub(CAPACITY)..self.next;
        let events = kept.map(|at| number(self.slots[at % CAPACITY])).collect();
        self.next = 0;
        events
    }
}

/// `ph-eventing`'s `SeqRing`: one producer, one reader that never gets a torn event.
pub struct Sequenced {
    producer: Producer<'static, Words, CAPACITY>,
    consumer: Consumer<'static, Words, CAPACITY>,
}

impl RingContender for Sequenced {
    const NAME: &'static str = "ph-eventing 0.3.0, SeqRing";
    const IS_SHARED: bool = true;

    fn new() -> Self {
        let ring: &'static SeqRing<Words, CAPACITY> = Box::leak(Box::new(SeqRing::new()));
        Sequenced {
            producer: ring.try_producer().expect("the only producer"),
            consumer: ring.try_consumer().expect("the only reader"),
        }
    }

    #[inline(always)]
    fn push(&mut self, number: u64, time: impl FnOnce() -> u64) {
        self.producer.push(event(number, time));
    }

    fn drain(&mut self) -> Result<Vec<u64>, String> {
        let events = std::iter::from_fn(|| self.consumer.poll_one_value());
        events.map(|(_, words)| number(words)).collect()
    }
}

/// `ph-eventing`'s `RingBuf`, which one thread uses alone.
pub struct RingBuffer(Box<ph_eventing::RingBuf<Words, CAPACITY>>);

impl RingContender for RingBuffer {
    const NAME: &'static str = "ph-eventing 0.3.0, RingBuf";
    const IS_SHARED: bool = false;

    fn new() -> Self {
        RingBuffer(Box::new(ph_eventing::RingBuf::new()))
    }

    #[inline(always)]
    fn push(&mut self, number: u64, time: impl FnOnce() -> u64) {
        self.0.push(event(number, time));
    }

    fn drain(&mut self) -> Result<Vec<u64>, String> {
        let events = self.0.iter().map(number).collect();
        self.0.clear();
        events
    }
}

/// `e-ring`'s ring, which one thread uses alone.
pub struct Embedded(Box<e_ring::Ring<Words, CAPACITY>>);

impl RingContender for Embedded {
    const NAME: &'static str = "e-ring 0.3.0";
    const IS_SHARED: bool = false;

    fn new() -> Self {
        Embedded(Box::default())
    }

    #[inline(always)]
    fn push(&mut self, number: u64, time: impl FnOnce() -> u64) {
        self.0.append(event(number, time));
    }

    fn drain(&mut self) -> Result<Vec<u64>, String> {
        let events = self.0.iter().map(number).collect();
        *self.0 = e_ring::Ring::new();
        events
    }
}
