//! The event ring: producers never wait, and a reader knows how many events it lost.
//!
//! ```text
//!            claim = head++            position
//!   head ──────┐                         │ reader
//!   ┌──────┬───▼──┬──────┬──────┬──────┬─▼────┐
//!   │ slot │ slot │ slot │ slot │ slot │ slot │     slot = claim mod N
//!   └──────┴──────┴──────┴──────┴──────┴──────┘
//!   sequence of a slot in round r = 0, N, 2N, …:
//!   r free   r+1 being written   r+N published, and free for the next round
//! ```
//! Invariants: a reader that sees the same sequence of its round before and after copying the four
//! words has an event of one producer. Claims that are not delivered are counted as lost: a reader
//! has passed as many claims as were delivered and lost.
//!
//! A producer makes updates that no other producer may split. [`Producers`] says how.
//!
//! - Threads: the sequence only ascends. It becomes odd by a compare-and-swap from an even value,
//!   so one producer at a time writes a slot. A producer that finds the slot odd or newer drops its
//!   own event instead of waiting.
//! - Interrupt handlers of one CPU: a producer counts and claims by one unlocked instruction each,
//!   and writes its slot at once. A producer that was lapped while it was interrupted publishes an
//!   older sequence.
//!
//! Recording is part of every allocation, so each instruction counts. All but the rare case is
//! inlined where the event is made and its kind is known. The compare-and-swap expects the
//! sequence `r`, which is there unless a producer dropped its event.
//!
//! An event is dropped only if its producer was interrupted inside the slot for a whole round of
//! the ring, or if another one was. The reader cannot distinguish such a claim from one still being
//! written. It waits there until the ring has gone round once more.
//!
//! # Example
//! ```
//! use mm::event::{Kind, Origin, Payload};
//! use mm::ring::Ring;
//! use x86_64::VirtAddr;
//!
//! static RING: Ring<4> = Ring::new();
//! let mut reader = RING.reader();
//! let start = VirtAddr::new(0x4000_0000);
//! for time in 0..5 {
//!     let payload = Payload::HeapGrow { start, bytes: 1 << 20 };
//!     RING.push(|| time, Origin::new(0, 0), payload);
//! }
//! // The ring has four slots: the first event was overwritten.
//! let event = reader.pop().expect("four events are left");
//! assert_eq!((event.time, reader.lost()), (1, 1));
//! assert_eq!(RING.total(Kind::HeapGrow), 5);
//! ```

mod producers;

pub use producers::{Producers, Threads};

use crate::event::{Event, Kind, Origin, Payload};
use core::marker::PhantomData;
use core::sync::atomic::{AtomicU64, Ordering, fence};

/// A ring of `N` slots of 40 bytes; `N` is a power of two above 1. Usable in a static.
#[derive(Debug)]
pub struct Ring<const N: usize, P = Threads> {
    head: AtomicU64,
    totals: [AtomicU64; Kind::COUNT],
    slots: [Slot; N],
    producers: PhantomData<fn() -> P>,
}

#[derive(Debug)]
struct Slot {
    sequence: AtomicU64,
    words: [AtomicU64; 4],
}

impl<const N: usize, P: Producers> Ring<N, P> {
    /// Creates an empty ring.
    pub const fn new() -> Self {
        const {
            assert!(
                N > 1 && N.is_power_of_two(),
                "a ring has a power of two of slots"
            );
        };
        Ring {
            head: AtomicU64::new(0),
            totals: [const { AtomicU64::new(0) }; Kind::COUNT],
            slots: [const { Slot::new() }; N],
            producers: PhantomData,
        }
    }

    /// Records an event and overwrites the oldest one if the ring is full. Never waits.
    ///
    /// `time` is read after the slot is claimed, in the unit that the reader expects: see
    /// [`Event::time`].
    #[inline(always)]
    pub fn push(&self, time: impl FnOnce() -> u64, origin: Origin, payload: Payload) {
        P::count(&self.totals[payload.kind() as usize]);
        let (slot, round) = self.slot(P::claim(&self.head));
        if slot.begin::<P>(round) {
            slot.write(payload.to_words(time(), origin));
            slot.publish(round, N);
        }
    }

    /// Returns the slot and the round of a claim.
    #[inline(always)]
    fn slot(&self, claim: u64) -> (&Slot, u64) {
        let at = claim as usize % N;
        (&self.slots[at], claim - at as u64)
    }

    /// Returns the number of events recorded, including overwritten ones.
    pub fn recorded(&self) -> u64 {
        self.head.load(Ordering::Relaxed)
    }

    /// Returns the number of events of this kind recorded, including overwritten ones.
    pub fn total(&self, kind: Kind) -> u64 {
        self.totals[kind as usize].load(Ordering::Relaxed)
    }

    /// Creates a reader that starts at the first event. Reading removes nothing: several readers
    /// get the same events.
    pub const fn reader(&self) -> Reader<'_, N, P> {
        Reader {
            ring: self,
            position: 0,
            lost: 0,
        }
    }
}

impl<const N: usize, P: Producers> Default for Ring<N, P> {
    fn default() -> Self {
        Ring::new()
    }
}

impl Slot {
    const fn new() -> Self {
        Slot {
            sequence: AtomicU64::new(0),
            words: [const { AtomicU64::new(0) }; 4],
        }
    }

    /// Enters the slot for a round; `false` if an older producer is still in it, or a newer one
    /// was.
    #[inline(always)]
    fn begin<P: Producers>(&self, round: u64) -> bool {
        let entered =
            P::enter(&self.sequence, round, round + 1) || self.begin_after_gap::<P>(round);
        // No word may become visible before the odd sequence. Pairs with the fence in `read`.
        fence(Ordering::Release);
        entered
    }

    /// Handles the rare case: a producer dropped its event in the round before, or this one must
    /// drop it.
    #[cold]
    #[inline(never)]
    fn begin_after_gap<P: Producers>(&self, round: u64) -> bool {
        let found = self.sequence.load(Ordering::Relaxed);
        let free = found.is_multiple_of(2) && found < round;
        free && P::enter(&self.sequence, found, round + 1)
    }

    #[inline(always)]
    fn write(&self, words: [u64; 4]) {
        for (slot, word) in self.words.iter().zip(words) {
            slot.store(word, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    fn publish(&self, round: u64, slots: usize) {
        self.sequence.store(round + slots as u64, Ordering::Release);
    }

    #[inline]
    fn read(&self, round: u64, slots: usize) -> Read {
        let published = round + slots as u64;
        let before = self.sequence.load(Ordering::Acquire);
        if before < published {
            return Read::Unfinished;
        }
        let words = self
            .words
            .each_ref()
            .map(|word| word.load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        let after = self.sequence.load(Ordering::Relaxed);
        if before == published && after == before {
            Read::Words(words)
        } else {
            Read::Overwritten
        }
    }
}

enum Read {
    Words([u64; 4]),
    Unfinished,
    Overwritten,
}

/// A reader of a ring, oldest event first.
#[derive(Debug)]
pub struct Reader<'r, const N: usize, P = Threads> {
    ring: &'r Ring<N, P>,
    position: u64,
    lost: u64,
}

impl<const N: usize, P: Producers> Reader<'_, N, P> {
    /// Returns the next event, or `None` if there is none yet.
    ///
    /// Compare [`Reader::lost`] before and after: if it has grown, events are missing before this
    /// one.
    ///
    /// # Panics
    /// A slot holds words that no event encodes to: the ring is corrupt.
    pub fn pop(&mut self) -> Option<Event> {
        let event = Event::from_words(self.pop_words()?);
        Some(event.expect("published slots hold whole events"))
    }

    /// Returns the words of the next event: see [`Event::to_words`].
    pub fn pop_words(&mut self) -> Option<[u64; 4]> {
        loop {
            let head = self.ring.head.load(Ordering::Relaxed);
            let oldest = head.saturating_sub(N as u64);
            if self.position < oldest {
                self.lost += oldest - self.position;
                self.position = oldest;
            }
            if self.position >= head {
                return None;
            }
            let (slot, round) = self.ring.slot(self.position);
            match slot.read(round, N) {
                Read::Words(words) => {
                    self.position += 1;
                    return Some(words);
                }
                Read::Unfinished => return None,
                Read::Overwritten => {
                    self.position += 1;
                    self.lost += 1;
                }
            }
        }
    }

    /// Returns the number of events that this reader has lost.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Returns the number of recorded events that the reader has not passed, including overwritten
    /// ones.
    pub fn pending(&self) -> u64 {
        self.ring.recorded().saturating_sub(self.position)
    }
}

#[cfg(test)]
mod nested;
#[cfg(test)]
mod tests;
