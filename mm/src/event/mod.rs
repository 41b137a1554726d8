//! What happens in memory, as 32 bytes that can be undone.
//!
//! ```text
//! byte  0        8     9    10     11   12          16        24        32
//!       +--------+-----+-----+-----+----+-----------+---------+---------+
//!       | time   | kind| tag |flags| cpu| call site | address |  value  |   little-endian
//!       +--------+-----+-----+-----+----+-----------+---------+---------+
//! ```
//! The same bytes in memory, in a trace file and on the wire. Every event carries what undoing
//! it needs: a free says what it freed, a change says the old value and the new one. So a reader
//! can go back in time without snapshots.
//!
//! [`Payload`] is the typed form of everything but time, CPU and call site; the two convert without
//! loss.
//!
//! ```text
//! kind      the kind byte            encode    payload ─► tag, flags, address, value
//! payload   what each kind says      decode    and back, or why not
//! origin    CPU and call site
//! ```

mod decode;
mod encode;
mod kind;
mod origin;
mod payload;

pub use crate::vocabulary::process::ProcessState;
pub use decode::{DecodeError, changed_frames};
pub use kind::Kind;
pub use origin::{Origin, OriginCell};
pub use payload::Payload;

use encode::Raw;

/// One thing that happened, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// When: nanoseconds since boot. Inside the ring it may be raw ticks of the producer's clock,
    /// which the reader converts.
    pub time: u64,
    /// On which CPU.
    pub cpu: u8,
    /// Who asked: the low 32 bits of a code address in the kernel, 0 if unknown.
    pub site: u32,
    /// What.
    pub payload: Payload,
}

impl Event {
    /// Four little-endian words, as in the picture above.
    ///
    /// Always inline: where the kind is known, what is left is a handful of shifts.
    #[inline(always)]
    pub fn to_words(self) -> [u64; 4] {
        self.payload
            .to_words(self.time, Origin::new(self.cpu, self.site))
    }

    /// The reverse of [`Event::to_words`].
    ///
    /// # Errors
    /// Words that no event encodes to: see [`DecodeError`].
    pub fn from_words(words: [u64; 4]) -> Result<Event, DecodeError> {
        let [time, head, address, value] = words;
        let [kind, tag, flags, cpu, ..] = head.to_le_bytes();
        let payload = Payload::from_raw(Raw {
            kind,
            tag,
            flags,
            address,
            value,
        })?;
        Ok(Event {
            time,
            cpu,
            site: (head >> 32) as u32,
            payload,
        })
    }

    /// 32 bytes for a file or a wire.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.to_words()) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The reverse of [`Event::to_bytes`].
    ///
    /// # Errors
    /// As [`Event::from_words`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Event, DecodeError> {
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        Event::from_words([word(0), word(8), word(16), word(24)])
    }
}

#[cfg(test)]
mod tests;
