//! An event and its four words.

use super::origin::Origin;
use super::slots::{DecodeError, Raw};
use super::table::{Kind, Payload};
use x86_64::PhysAddr;

/// An event: 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// Nanoseconds since boot. Inside the ring it may be raw ticks of the producer's clock, which
    /// the reader converts.
    pub time: u64,
    /// The CPU on which it happened.
    pub cpu: u8,
    /// The call site: the low 32 bits of a code address of the kernel, 0 if unknown.
    pub site: u32,
    /// The kind of the event.
    pub payload: Payload,
}

impl Event {
    /// Encodes the event as four little-endian words: see the picture of the module.
    #[inline(always)]
    pub fn to_words(self) -> [u64; 4] {
        self.payload
            .to_words(self.time, Origin::new(self.cpu, self.site))
    }

    /// Decodes the words of [`Event::to_words`].
    ///
    /// # Errors
    /// No event encodes to these words: see [`DecodeError`].
    pub fn from_words(words: [u64; 4]) -> Result<Event, DecodeError> {
        let [time, head, address, value] = words;
        let [kind, tag, flags, cpu, ..] = head.to_le_bytes();
        let raw = Raw {
            details: u16::from_le_bytes([tag, flags]).into(),
            address,
            value,
        };
        let kind = Kind::from_number(kind).ok_or(DecodeError::Kind(kind))?;
        let payload = Payload::from_raw(kind, &raw)?;
        Ok(Event {
            time,
            cpu,
            site: (head >> 32) as u32,
            payload,
        })
    }

    /// Encodes the event as 32 bytes, for a file or a wire.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.to_words()) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Decodes the bytes of [`Event::to_bytes`].
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

impl Payload {
    /// Returns the words of the event with this payload: see [`Event::to_words`].
    ///
    /// Always inlined: for a known kind, only a few shifts remain.
    #[inline(always)]
    pub(crate) fn to_words(self, time: u64, origin: Origin) -> [u64; 4] {
        let raw = self.to_raw();
        // Two bytes that come from one tag stay together.
        let head = u64::from(self.kind() as u8) | raw.details << 8 | origin.bits();
        [time, head, raw.address, raw.value]
    }
}

/// Returns the first frame whose reference count, owner or tag the event in these words changes,
/// and the number of frames. Reads the words without decoding them, for readers of a long history.
#[inline]
pub fn changed_frames(words: &[u64; 4]) -> Option<(PhysAddr, u64)> {
    const ALLOCATE: u8 = Kind::FrameAllocate as u8;
    const FREE: u8 = Kind::FrameFree as u8;
    const REFERENCE: u8 = Kind::FrameReference as u8;
    const RETAG: u8 = Kind::FrameRetag as u8;
    let [_, head, address, value] = *words;
    let frames = match head as u8 {
        ALLOCATE | FREE => value,
        REFERENCE => 1,
        RETAG => value >> 32,
        _ => return None,
    };
    Some((PhysAddr::new_truncate(address), frames))
}
