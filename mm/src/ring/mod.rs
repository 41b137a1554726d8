//! The event ring: many producers, none of which ever waits, and a reader that knows what it lost.
//!
//! ```text
//!            claim = head++            position
//!   head ──────┐                         │ reader, behind
//!   ┌──────┬───▼──┬──────┬──────┬──────┬─▼────┐
//!   │ slot │ slot │ slot │ slot │ slot │ slot │     slot = claim mod N
//!   └──────┴──────┴──────┴──────┴──────┴──────┘
//!   sequence of a slot in round r = 0, N, 2N, …:
//!   r free   r+1 being written   r+N published, and free for the next round
//! ```
//! Invariants: the sequence of a slot only ascends. It becomes odd by a compare-and-swap from an
//! even value, so one producer at a time writes a slot; whoever finds the slot odd or newer gives
//! up its own event instead of waiting. A reader that sees the same even sequence before and
//! after copying the four words has an event of one producer. Claims that are not delivered are
//! counted as lost: delivered + lost = all claims that the reader has passed.
//!
//! Recording is part of every allocation, so each instruction counts: all but the rare case is
//! inlined where the event is made and its kind is known, and the compare-and-swap expects what it
//! finds unless somebody gave up: r.
//!
//! A producer gives up only when another was interrupted in the middle of a slot for a whole round
//! of the ring. The reader cannot tell that claim from one still being written; it waits there
//! until the ring has gone round once more.

use crate::event::{Event, Kind, Origin, Payload};
use core::sync::atomic::{AtomicU64, Ordering, fence};

/// `N` slots of 40 bytes; `N` is a power of two above 1. Can be a static.
#[derive(Debug)]
pub struct Ring<const N: usize> {
    head: AtomicU64,
    totals: [AtomicU64; Kind::COUNT],
    slots: [Slot; N],
}

#[derive(Debug)]
struct Slot {
    sequence: AtomicU64,
    words: [AtomicU64; 4],
}

impl<const N: usize> Ring<N> {
    /// An empty ring.
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
        }
    }

    /// Records an event, over the oldest one when the ring is full. Never waits.
    ///
    /// The time, read when a slot is taken, is in whatever unit the reader expects; see
    /// [`Event::time`].
    #[inline(always)]
    pub fn push(&self, time: impl FnOnce() -> u64, origin: Origin, payload: Payload) {
        self.totals[payload.kind() as usize].fetch_add(1, Ordering::Relaxed);
        let (slot, round) = self.slot(self.head.fetch_add(1, Ordering::Relaxed));
        if slot.begin(round) {
            slot.write(payload.to_words(time(), origin));
            slot.publish(round, N);
        }
    }

    /// The slot and the round of a claim.
    #[inline(always)]
    fn slot(&self, claim: u64) -> (&Slot, u64) {
        let at = claim as usize % N;
        (&self.slots[at], claim - at as u64)
    }

    /// How many events were recorded, overwritten ones included.
    pub fn recorded(&self) -> u64 {
        self.head.load(Ordering::Relaxed)
    }

    /// How many events of this kind were recorded, overwritten ones included.
    pub fn total(&self, kind: Kind) -> u64 {
        self.totals[kind as usize].load(Ordering::Relaxed)
    }

    /// A reader from the first event on. Reading takes nothing away: several readers get the
    /// same events.
    pub const fn reader(&self) -> Reader<'_, N> {
        Reader {
            ring: self,
            position: 0,
            lost: 0,
        }
    }
}

impl<const N: usize> Default for Ring<N> {
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

    /// Takes the slot for a round; `false` if an older producer is still in it, or a newer one was.
    #[inline(always)]
    fn begin(&self, round: u64) -> bool {
        let taken = self.exchange(round, round) || self.begin_after_gap(round);
        // No word may become visible before the odd sequence. Pairs with the fence in `read`.
        fence(Ordering::Release);
        taken
    }

    /// The rare case: the round before was given up, or this one must be.
    #[cold]
    #[inline(never)]
    fn begin_after_gap(&self, round: u64) -> bool {
        let found = self.sequence.load(Ordering::Relaxed);
        let free = found.is_multiple_of(2) && found < round;
        free && self.exchange(found, round)
    }

    #[inline(always)]
    fn exchange(&self, found: u64, round: u64) -> bool {
        self.sequence
            .compare_exchange(found, round + 1, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
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

/// Reads a ring, oldest event first.
#[derive(Debug)]
pub struct Reader<'r, const N: usize> {
    ring: &'r Ring<N>,
    position: u64,
    lost: u64,
}

impl<const N: usize> Reader<'_, N> {
    /// The next event, or `None` when there is none yet.
    ///
    /// Compare [`Reader::lost`] before and after: if it has grown, events are missing before this
    /// one.
    ///
    /// # Panics
    /// When a slot holds words that no event encodes to: the ring is broken.
    pub fn pop(&mut self) -> Option<Event> {
        let event = Event::from_words(self.pop_words()?);
        Some(event.expect("published slots hold whole events"))
    }

    /// The same as the words of [`Event::to_words`], for whoever keeps them.
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

    /// How many events this reader has missed so far.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// How many recorded events lie ahead, overwritten ones included.
    pub fn pending(&self) -> u64 {
        self.ring.recorded().saturating_sub(self.position)
    }
}

#[cfg(test)]
mod tests;
