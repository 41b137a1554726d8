//! The positions of an event's fields in its words, and the packing of each type.
//!
//! ```text
//!         details (16)            address (64)                       value (64)
//! +--------------------------+---------------------+---------------------------------------+
//! | FlagsByte 15..8          | AddressHigh40 63..24| High 63..32       | Low 31..0         |
//! |           TagByte   7..0 | AddressLow24  23..0 | Value48 | Value32 | Value16 | Value0  |
//! +--------------------------+---------------------+---------------------------------------+
//! |         Details          |       Address       |                Value                  |
//! +--------------------------+---------------------+---------------------------------------+
//! ```
//! Invariant: a field never reaches beyond its slot. A number that is too large saturates: the
//! largest value of a slot that is narrower than the field's type means "at least". A tag keeps the
//! bits that the slot holds. So any payload encodes to words that decode.
//!
//! Everything is always inlined: for a known kind, only a few shifts remain.

use crate::vocabulary::corruption::CorruptionKind;
use crate::vocabulary::faults::{ErrorCode, FaultCause, FaultOutcome};
use crate::vocabulary::level::Level;
use crate::vocabulary::memory_kind::MemoryKind;
use crate::vocabulary::mismatch::MismatchKind;
use crate::vocabulary::pages::{Access, PageSize, RegionPolicy, TableLevel};
use crate::vocabulary::process::ProcessState;
use crate::vocabulary::request::RequestKind;
use crate::vocabulary::run::PackedRun;
use crate::vocabulary::strategy::Strategy;
use crate::vocabulary::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// The reason why 32 bytes are not an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Unknown kind.
    Kind(u8),
    /// The tag byte is invalid for the kind.
    Tag(u8),
    /// The flags byte is invalid for the kind.
    Flags(u8),
    /// The address word is invalid for the kind.
    Address(u64),
    /// The value word is invalid for the kind.
    Value(u64),
}

/// The words of an event that its payload fills, without the kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Raw {
    /// The tag byte, and above it the flags byte.
    pub details: u64,
    pub address: u64,
    pub value: u64,
}

/// A type that a field of an event can have.
pub(super) trait Field: Sized {
    /// Returns the field in this many bits. A number saturates.
    fn to_bits(self, bits: u32) -> u64;

    /// Returns the field of these bits, if there is one.
    fn from_bits(bits: u64) -> Option<Self>;
}

/// A part of the words that can hold a `T`.
pub(super) trait Slot<T> {
    /// Writes the field into its slot, which must be empty.
    fn put(raw: &mut Raw, field: T);

    /// Reads the field.
    fn get(raw: &Raw) -> Result<T, DecodeError>;
}

/// Returns the largest number of this many bits.
pub(super) const fn largest(bits: u32) -> u64 {
    u64::MAX >> (64 - bits)
}

/// Declares slots: the word, the lowest bit, the number of bits, and the error of a bad field.
macro_rules! slots {
    ($($name:ident: $word:ident $lowest:literal, $bits:literal, $error:expr;)*) => {$(
        /// See the picture at the top of this file.
        #[derive(Debug)]
        pub(super) struct $name;

        impl<T: Field> Slot<T> for $name {
            #[inline(always)]
            fn put(raw: &mut Raw, field: T) {
                raw.$word |= field.to_bits($bits) << $lowest;
            }

            #[inline(always)]
            fn get(raw: &Raw) -> Result<T, DecodeError> {
                let bits = raw.$word >> $lowest & largest($bits);
                T::from_bits(bits).ok_or_else(|| $error(raw, bits))
            }
        }
    )*};
}

slots! {
    TagByte:       details 0, 8,   |_: &Raw, bits| DecodeError::Tag(bits as u8);
    FlagsByte:     details 8, 8,   |_: &Raw, bits| DecodeError::Flags(bits as u8);
    Details:       details 0, 16,  |_: &Raw, bits| DecodeError::Tag(bits as u8);
    Address:       address 0, 64,  |_: &Raw, bits| DecodeError::Address(bits);
    AddressLow40:  address 0, 40,  |raw: &Raw, _| DecodeError::Address(raw.address);
    AddressHigh40: address 24, 40, |raw: &Raw, _| DecodeError::Address(raw.address);
    AddressLow24:  address 0, 24,  |raw: &Raw, _| DecodeError::Address(raw.address);
    Value:         value 0, 64,    |_: &Raw, bits| DecodeError::Value(bits);
    High:          value 32, 32,   |raw: &Raw, _| DecodeError::Value(raw.value);
    Low:           value 0, 32,    |raw: &Raw, _| DecodeError::Value(raw.value);
    Value48:       value 48, 16,   |raw: &Raw, _| DecodeError::Value(raw.value);
    Value32:       value 32, 16,   |raw: &Raw, _| DecodeError::Value(raw.value);
    Value16:       value 16, 16,   |raw: &Raw, _| DecodeError::Value(raw.value);
    Value0:        value 0, 16,    |raw: &Raw, _| DecodeError::Value(raw.value);
}

/// Both words, for a request for contiguous frames.
#[derive(Debug)]
pub(super) struct AddressAndValue;

impl Slot<PackedRun> for AddressAndValue {
    #[inline(always)]
    fn put(raw: &mut Raw, field: PackedRun) {
        (raw.value, raw.address) = field.words();
    }

    #[inline(always)]
    fn get(raw: &Raw) -> Result<PackedRun, DecodeError> {
        PackedRun::from_words(raw.value, raw.address).ok_or(DecodeError::Value(raw.value))
    }
}

/// Implements [`Field`] for each type from two functions.
macro_rules! fields {
    ($($type:ty: |$field:ident, $bits:ident| $to:expr, |$number:ident| $from:expr;)*) => {$(
        impl Field for $type {
            #[inline(always)]
            fn to_bits(self, $bits: u32) -> u64 {
                let $field = self;
                $to
            }

            #[inline(always)]
            fn from_bits($number: u64) -> Option<$type> {
                $from
            }
        }
    )*};
}

fields! {
    u8:  |field, bits| u64::from(field).min(largest(bits)), |number| number.try_into().ok();
    u16: |field, bits| u64::from(field).min(largest(bits)), |number| number.try_into().ok();
    u32: |field, bits| u64::from(field).min(largest(bits)), |number| number.try_into().ok();
    u64: |field, bits| field.min(largest(bits)), |number| Some(number);
    bool: |field, _bits| u64::from(field), |number| match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    PhysAddr: |field, _bits| field.as_u64(), |number| PhysAddr::try_new(number).ok();
    VirtAddr: |field, _bits| field.as_u64(), |number| VirtAddr::try_new(number).ok();
    Tag: |field, bits| u64::from(field.bits()) & largest(bits),
        |number| Some(Tag::from_bits_truncate(number as u16));
    Access: |field, _bits| u64::from(field.bits()), |number| Access::from_bits(byte(number)?);
    ErrorCode: |field, _bits| u64::from(field.bits()), |number| ErrorCode::from_bits(byte(number)?);
    Strategy: |field, _bits| u64::from(field.number()), |number| Some(Strategy::new(byte(number)?));
    Level: |field, _bits| u64::from(field.number()), |number| Level::new(byte(number)?);
}

/// Implements [`Field`] for enums that travel as one byte.
macro_rules! byte_fields {
    ($($type:ty),*) => {
        fields! { $($type: |field, _bits| field as u64, |number| <$type>::from_number(byte(number)?);)* }
    };
}

byte_fields!(
    CorruptionKind,
    FaultCause,
    FaultOutcome,
    MemoryKind,
    MismatchKind,
    PageSize,
    ProcessState,
    RegionPolicy,
    RequestKind,
    TableLevel
);

#[inline(always)]
fn byte(number: u64) -> Option<u8> {
    number.try_into().ok()
}
