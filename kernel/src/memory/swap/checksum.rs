//! The checksum of a stored page.

/// A checksum that changes with every bit and with the order of words: the high half of the mixed
/// words, to which a multiplication carries every bit.
pub fn checksum(bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let sum = words.iter().fold(bytes.len() as u64, |sum, &word| {
        mix(sum, u64::from_le_bytes(word))
    });
    let sum = rest.iter().fold(sum, |sum, &byte| mix(sum, byte.into()));
    (sum >> 32) as u32
}
