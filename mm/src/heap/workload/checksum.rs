//! A checksum of bytes: FNV-1a with 64 bits.

/// The checksum of the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checksum(pub(super) u64);

impl Checksum {
    /// The checksum of no bytes.
    pub(super) const EMPTY: Checksum = Checksum(0xcbf2_9ce4_8422_2325);

    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_published_example() {
        let mut checksum = Checksum::EMPTY;
        checksum.add(b"foo");
        checksum.add(b"bar");
        assert_eq!(checksum.0, 0x8594_4171_f739_67e8);
    }
}
