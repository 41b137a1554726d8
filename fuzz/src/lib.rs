//! Numbers and tags for the fuzz targets: small ones, edges, and any.

use arbitrary::Arbitrary;
use mm::tag::Tag;

/// A number. Bugs are near small numbers and near powers of two.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub enum Number {
    Small(u8),
    /// A number of pages, in bytes.
    Pages(u8),
    /// 2 to this power, and a bit more or less.
    NearPower(u8, i8),
    Any(u64),
}

impl Number {
    pub fn get(self) -> u64 {
        match self {
            Number::Small(number) => number.into(),
            Number::Pages(pages) => u64::from(pages) * 4096,
            Number::NearPower(power, more) => {
                (1_u64 << (power % 64)).wrapping_add_signed(more.into())
            }
            Number::Any(number) => number,
        }
    }
}

/// Owners and attributes of a frame.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub struct AnyTag(u16);

impl AnyTag {
    pub fn get(self) -> Tag {
        Tag::from_bits_truncate(self.0)
    }
}
