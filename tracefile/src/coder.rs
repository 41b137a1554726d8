//! Events as differences from the event before, and from the last event of the same kind.
//!
//! ```text
//! kind: u8   time: difference   head: changed bits   address: difference   value: difference
//! ```
//! A difference is a signed number of variable length, so most events have 6 to 9 bytes instead of
//! 32. Nothing is lost: any four words can be encoded.

use memviz::timeline::EventWords;

/// The words of the last event of a kind: head, address, value.
type Last = [u64; 3];

/// The state of an encoder or a decoder.
pub struct Coder {
    time: u64,
    last: Box<[Last; 256]>,
}

impl Coder {
    /// The state before the first event.
    pub fn new() -> Coder {
        Coder {
            time: 0,
            last: Box::new([[0; 3]; 256]),
        }
    }

    /// Appends the code of an event.
    pub fn encode(&mut self, words: &EventWords, to: &mut Vec<u8>) {
        let [time, head, address, value] = *words;
        let kind = head as u8;
        let last = &mut self.last[usize::from(kind)];
        to.push(kind);
        put(to, zigzag(time.wrapping_sub(self.time)));
        put(to, (head ^ last[0]) >> 8);
        put(to, zigzag(address.wrapping_sub(last[1])));
        put(to, zigzag(value.wrapping_sub(last[2])));
        (self.time, *last) = (time, [head, address, value]);
    }

    /// Decodes the next event, and advances `from` past it. Returns None if the bytes end before.
    pub fn decode(&mut self, from: &mut &[u8]) -> Option<EventWords> {
        let (&kind, rest) = from.split_first()?;
        *from = rest;
        let last = &mut self.last[usize::from(kind)];
        let time = self.time.wrapping_add(unzigzag(take(from)?));
        let head = (last[0] & !0xff ^ take(from)? << 8) | u64::from(kind);
        let address = last[1].wrapping_add(unzigzag(take(from)?));
        let value = last[2].wrapping_add(unzigzag(take(from)?));
        (self.time, *last) = (time, [head, address, value]);
        Some([time, head, address, value])
    }
}

/// Small differences of either sign become small numbers.
fn zigzag(difference: u64) -> u64 {
    difference << 1 ^ 0u64.wrapping_sub(difference >> 63)
}

fn unzigzag(number: u64) -> u64 {
    number >> 1 ^ 0u64.wrapping_sub(number & 1)
}

/// Appends a number, seven bits a byte, the lowest first. All bytes but the last have bit 7 set.
fn put(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_lost(events in vec(any::<[u64; 4]>(), 0..50)) {
            let (mut encoder, mut bytes) = (Coder::new(), Vec::new());
            events.iter().for_each(|words| encoder.encode(words, &mut bytes));
            let (mut decoder, mut rest) = (Coder::new(), &bytes[..]);
            for words in &events {
                prop_assert_eq!(decoder.decode(&mut rest), Some(*words));
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
            let (mut decoder, mut rest) = (Coder::new(), &bytes[..]);
            while decoder.decode(&mut rest).is_some() {}
        }
    }
}
