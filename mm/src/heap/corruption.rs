//! Detecting heap corruption: redzones, poison, quarantine.
//!
//! ```text
//! live          [ requested bytes    | bb bb bb bb ]    redzone: any other byte is an
//!                                                       out-of-bounds write
//! quarantined   [ 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b ]    poison: any other byte is a use after free
//! ```
//! A freed allocation waits in the [`Quarantine`], poisoned, before the heap may reuse its blocks.
//! The longer it waits, the longer a use after free is detected. This module never touches a block:
//! the caller passes its bytes.

pub use crate::vocabulary::corruption::CorruptionKind;

use crate::vocabulary::site::Site;
use x86_64::VirtAddr;

/// The byte that fills a redzone.
pub const REDZONE: u8 = 0xbb;
/// The byte that fills freed memory. A pointer made of it is not canonical.
pub const POISON: u8 = 0x6b;
/// The minimum size of a redzone in bytes.
pub const REDZONE_BYTES: usize = 16;

/// Bytes that differ from their pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The index of the first one.
    pub first: usize,
    /// Its value.
    pub found: u8,
    /// Number of such bytes.
    pub count: usize,
}

/// Returns the bytes that differ from `pattern`, if there are any.
pub fn damage(bytes: &[u8], pattern: u8) -> Option<Damage> {
    let first = bytes.iter().position(|&byte| byte != pattern)?;
    let others = bytes[first..].iter().filter(|&&byte| byte != pattern);
    Some(Damage {
        first,
        found: bytes[first],
        count: others.count(),
    })
}

/// True if all bytes equal `pattern`. Compares whole granules and words: this is a part of each
/// free.
#[inline(always)]
pub fn is_intact(bytes: &[u8], pattern: u8) -> bool {
    let whole = u64::from_ne_bytes([pattern; 8]);
    let intact = |words: &[[u8; 8]]| words.iter().all(|word| u64::from_ne_bytes(*word) == whole);
    let (granules, rest) = bytes.as_chunks::<64>();
    granules.iter().all(|granule| intact(granule.as_chunks().0))
        && (rest.is_empty() || {
            let (words, last) = rest.as_chunks();
            intact(words) && last.iter().all(|&byte| byte == pattern)
        })
}

/// An allocation that its user has freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// The first byte.
    pub address: VirtAddr,
    /// The size in bytes.
    pub bytes: u64,
    /// The call site of the allocation.
    pub allocated_by: Site,
    /// The call site of the free.
    pub freed_by: Site,
}

impl Freed {
    /// The value of an unused entry of the quarantine.
    const NONE: Freed = Freed {
        address: VirtAddr::zero(),
        bytes: 0,
        allocated_by: Site::UNKNOWN,
        freed_by: Site::UNKNOWN,
    };

    fn contains(&self, address: VirtAddr) -> bool {
        (self.address..self.address + self.bytes).contains(&address)
    }
}

/// A queue of freed allocations: at most `N`, with a maximum of bytes in total.
#[derive(Debug)]
pub struct Quarantine<const N: usize> {
    entries: [Freed; N],
    first: usize,
    len: usize,
    bytes: u64,
    most_bytes: u64,
}

impl<const N: usize> Quarantine<N> {
    /// Creates an empty quarantine for at most this many bytes.
    pub const fn new(most_bytes: u64) -> Self {
        Quarantine {
            entries: [Freed::NONE; N],
            first: 0,
            len: 0,
            bytes: 0,
            most_bytes,
        }
    }

    /// True if an allocation of this many bytes fits without removing another one.
    pub const fn has_room(&self, bytes: u64) -> bool {
        self.len < N && bytes <= self.most_bytes - self.bytes
    }

    /// True if an allocation of this many bytes does not fit even into an empty quarantine.
    pub const fn is_too_large(&self, bytes: u64) -> bool {
        N == 0 || bytes > self.most_bytes
    }

    /// Adds an allocation. Returns `false`, and changes nothing, if there is no room:
    /// [`pop`](Quarantine::pop) first.
    #[must_use]
    #[inline(always)]
    pub fn push(&mut self, freed: Freed) -> bool {
        let has_room = self.has_room(freed.bytes);
        if has_room {
            self.entries[(self.first + self.len) % N] = freed;
            self.len += 1;
            self.bytes += freed.bytes;
        }
        has_room
    }

    /// Removes the oldest allocation.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<Freed> {
        if self.len == 0 {
            return None;
        }
        let oldest = self.entries[self.first % N];
        self.first = (self.first + 1) % N;
        self.len -= 1;
        self.bytes -= oldest.bytes;
        Some(oldest)
    }

    /// Returns the allocation that contains this byte.
    pub fn find(&self, address: VirtAddr) -> Option<&Freed> {
        self.iter().find(|freed| freed.contains(address))
    }

    /// Returns all allocations, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Freed> {
        (0..self.len).map(|nth| &self.entries[(self.first + nth) % N])
    }

    /// Returns the number of allocations.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes of all allocations.
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
            assert!(is_intact(&sound, POISON));
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
                assert!(!is_intact(&bytes, POISON));
            }
        }
    }

    #[test]
    fn the_oldest_leaves_first_and_the_sums_are_kept() {
        let mut quarantine = Quarantine::<3>::new(1000);
        for number in 1..=3 {
            assert!(quarantine.push(freed(number, 100)));
        }
        assert!(!quarantine.has_room(1) && !quarantine.push(freed(9, 1)));
        assert!(!Quarantine::<3>::new(1000).has_room(u64::MAX));
        assert_eq!(quarantine.pop(), Some(freed(1, 100)));
        assert!(quarantine.has_room(800) && !quarantine.has_room(801));
        assert!(!quarantine.has_room(u64::MAX - 50));
        assert!(quarantine.push(freed(4, 800)));
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
