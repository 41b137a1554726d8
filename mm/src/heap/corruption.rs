//! Finding out who wrote where he should not: redzones, poison, quarantine.
//!
//! ```text
//! live          [ what was asked for | bb bb bb bb ]    the redzone: anything else there was
//!                                                        written behind the end
//! quarantined   [ 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b ]    poison: anything else there was
//!                                                        written after the free
//! ```
//! A block that is given back waits in the [`Quarantine`], poisoned, before the heap may hand it
//! out again. The longer it waits, the later a use after free is still seen. Nothing here touches a
//! block: the caller shows its bytes.

pub use crate::vocabulary::corruption::CorruptionKind;

use crate::vocabulary::site::Site;
use x86_64::VirtAddr;

/// What a redzone is made of.
pub const REDZONE: u8 = 0xbb;
/// What freed memory is made of. Also easy to know again as a pointer: it is not canonical.
pub const POISON: u8 = 0x6b;
/// The least bytes of a redzone.
pub const REDZONE_BYTES: usize = 16;

/// Bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Index of the first one.
    pub first: usize,
    /// What stands there.
    pub found: u8,
    /// How many there are.
    pub count: usize,
}

/// The bytes that are not `pattern`, if any.
pub fn damage(bytes: &[u8], pattern: u8) -> Option<Damage> {
    let first = first_other(bytes, pattern)?;
    let others = bytes[first..].iter().filter(|&&byte| byte != pattern);
    Some(Damage {
        first,
        found: bytes[first],
        count: others.count(),
    })
}

/// By words, as sound blocks are the rule.
fn first_other(bytes: &[u8], pattern: u8) -> Option<usize> {
    let whole = u64::from_ne_bytes([pattern; 8]);
    let (words, _) = bytes.as_chunks::<8>();
    let sound = words
        .iter()
        .take_while(|word| u64::from_ne_bytes(**word) == whole);
    let from = sound.count() * 8;
    let other = bytes[from..].iter().position(|&byte| byte != pattern)?;
    Some(from + other)
}

/// A block that its user gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// Its first byte.
    pub address: VirtAddr,
    /// How many bytes it takes.
    pub bytes: u64,
    /// Who had asked for it.
    pub allocated_by: Site,
    /// Who gave it back.
    pub freed_by: Site,
}

impl Freed {
    fn has(&self, address: VirtAddr) -> bool {
        (self.address..self.address + self.bytes).contains(&address)
    }
}

/// Blocks that wait, oldest first: at most `N`, and at most so many bytes together.
#[derive(Debug)]
pub struct Quarantine<const N: usize> {
    entries: [Option<Freed>; N],
    first: usize,
    len: usize,
    bytes: u64,
    most_bytes: u64,
}

impl<const N: usize> Quarantine<N> {
    /// Nobody waits yet.
    pub const fn new(most_bytes: u64) -> Self {
        Quarantine {
            entries: [None; N],
            first: 0,
            len: 0,
            bytes: 0,
            most_bytes,
        }
    }

    /// Whether a block of that many bytes can wait at all, and does so without another one having
    /// to leave.
    pub const fn has_room(&self, bytes: u64) -> bool {
        self.len < N && bytes <= self.most_bytes - self.bytes
    }

    /// Whether a block of that many bytes is too large to wait, even alone.
    pub const fn is_too_large(&self, bytes: u64) -> bool {
        N == 0 || bytes > self.most_bytes
    }

    /// The last one in.
    ///
    /// # Panics
    /// Without room: [`pop`](Quarantine::pop) first.
    pub fn push(&mut self, freed: Freed) {
        assert!(self.has_room(freed.bytes), "the quarantine is full");
        self.entries[(self.first + self.len) % N] = Some(freed);
        self.len += 1;
        self.bytes += freed.bytes;
    }

    /// The oldest one out.
    pub fn pop(&mut self) -> Option<Freed> {
        let oldest = self.entries.get_mut(self.first)?.take()?;
        self.first = (self.first + 1) % N;
        self.len -= 1;
        self.bytes -= oldest.bytes;
        Some(oldest)
    }

    /// The one that has this byte.
    pub fn find(&self, address: VirtAddr) -> Option<&Freed> {
        self.iter().find(|freed| freed.has(address))
    }

    /// All, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Freed> {
        self.entries.iter().flatten()
    }

    /// How many wait.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody waits.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many bytes wait.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freed(number: u64, bytes: u64) -> Freed {
        Freed {
            address: VirtAddr::new(0x1000 * number),
            bytes,
            allocated_by: Site::new(number),
            freed_by: Site::new(number + 1),
        }
    }

    #[test]
    fn damage_is_found_wherever_it_is() {
        for length in [0, 1, 31, 32, 33, 100] {
            let sound = vec![POISON; length];
            assert_eq!(damage(&sound, POISON), None);
            for first in 0..length {
                let mut bytes = sound.clone();
                bytes[first] = 9;
                bytes[length - 1] = 9;
                let count = 1 + usize::from(first != length - 1);
                let found = Damage {
                    first,
                    found: 9,
                    count,
                };
                assert_eq!(damage(&bytes, POISON), Some(found));
            }
        }
    }

    #[test]
    fn the_oldest_leaves_first_and_the_sums_are_kept() {
        let mut quarantine = Quarantine::<3>::new(1000);
        for number in 1..=3 {
            quarantine.push(freed(number, 100));
        }
        assert!(!quarantine.has_room(1));
        assert!(!Quarantine::<3>::new(1000).has_room(u64::MAX));
        assert_eq!(quarantine.pop(), Some(freed(1, 100)));
        assert!(quarantine.has_room(800) && !quarantine.has_room(801));
        assert!(!quarantine.has_room(u64::MAX - 50));
        quarantine.push(freed(4, 800));
        assert_eq!((quarantine.len(), quarantine.bytes()), (3, 1000));
        assert_eq!(
            quarantine.find(VirtAddr::new(0x4000 + 799)),
            Some(&freed(4, 800))
        );
        assert_eq!(quarantine.find(VirtAddr::new(0x4000 + 800)), None);
        let rest: Vec<_> = core::iter::from_fn(|| quarantine.pop()).collect();
        assert_eq!(rest, [freed(2, 100), freed(3, 100), freed(4, 800)]);
        assert_eq!((quarantine.len(), quarantine.bytes()), (0, 0));
        assert!(quarantine.is_too_large(1001) && !quarantine.is_too_large(1000));
    }
}
