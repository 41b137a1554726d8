//! The size of a swap disk, as `run --swap` takes it.

use std::str::FromStr;

/// The size of a swap disk, in whole sectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiskSize {
    bytes: u64,
}

impl DiskSize {
    /// The disk of the demo.
    pub const DEMO: Self = Self { bytes: 64 << 20 };

    pub fn bytes(self) -> u64 {
        self.bytes
    }
}

impl FromStr for DiskSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        /// Room for one page.
        const LEAST: u64 = 4 << 10;
        const LARGEST: u64 = 64 << 30;
        let (digits, shift) = match text.char_indices().next_back() {
            Some((at, 'K' | 'k')) => (&text[..at], 10),
            Some((at, 'M' | 'm')) => (&text[..at], 20),
            Some((at, 'G' | 'g')) => (&text[..at], 30),
            _ => return Err("a number of K, M or G (KiB, MiB, GiB) is expected: 64M".into()),
        };
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<u64> = is_whole.then(|| digits.parse().ok()).flatten();
        let number = number.ok_or_else(|| format!("“{digits}” is not a whole number"))?;
        match number.checked_mul(1 << shift) {
            Some(bytes) if (LEAST..=LARGEST).contains(&bytes) => Ok(Self { bytes }),
            _ => Err("between 4K, room for one page, and 64G".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit_and_room_for_a_page() {
        let bytes = |text: &str| text.parse().map(DiskSize::bytes).ok();
        assert_eq!(bytes("4K"), Some(4096));
        assert_eq!(bytes("64m"), Some(64 << 20));
        assert_eq!(bytes("2G"), Some(2 << 30));
        for refused in [
            "",
            "K",
            "64",
            "3K",
            "+4K",
            "-4M",
            "1.5M",
            "65G",
            "4T",
            "99999999999999999999G",
        ] {
            assert_eq!(bytes(refused), None, "{refused}");
        }
    }
}
