//! For tests: values at the edges of a field's range, and the values that its slot stores.

use super::slots::{
    Address, AddressAndValue, AddressHigh40, AddressLow24, AddressLow40, Details, Field, FlagsByte,
    High, Low, TagByte, Value, Value0, Value16, Value32, Value48, largest,
};
use crate::vocabulary::corruption::CorruptionKind;
use crate::vocabulary::faults::{ErrorCode, FaultCause, FaultOutcome};
use crate::vocabulary::level::Level;
use crate::vocabulary::memory_kind::MemoryKind;
use crate::vocabulary::mismatch::MismatchKind;
use crate::vocabulary::pages::{Access, PageSize, RegionPolicy, TableLevel};
use crate::vocabulary::process::ProcessState;
use crate::vocabulary::request::RequestKind;
use crate::vocabulary::run::{PackedRun, Run};
use crate::vocabulary::strategy::Strategy;
use crate::vocabulary::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// A type with edges.
pub(super) trait Any {
    fn any(random: &mut fastrand::Rng) -> Self;
}

/// The value of a field after a slot, written independently of how the slot packs it.
pub(super) trait Fit<T> {
    fn fit(field: T) -> T;
}

/// Returns a 64-bit number: 0, 1, the largest, a power of two, a neighbour of one, or any other.
pub(super) fn edge(random: &mut fastrand::Rng) -> u64 {
    let power = 1_u64 << random.u32(..64);
    match random.u8(..7) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => power,
        4 => power - 1,
        5 => power + 1,
        _ => random.u64(..),
    }
}

macro_rules! any {
    ($($type:ty: |$random:ident| $value:expr;)*) => {$(
        impl Any for $type {
            fn any($random: &mut fastrand::Rng) -> $type {
                $value
            }
        }
    )*};
}

any! {
    u8: |random| edge(random) as u8;
    u16: |random| edge(random) as u16;
    u32: |random| edge(random) as u32;
    u64: |random| edge(random);
    bool: |random| random.bool();
    PhysAddr: |random| PhysAddr::new_truncate(edge(random));
    VirtAddr: |random| VirtAddr::new_truncate(edge(random));
    Tag: |random| Tag::from_bits_truncate(edge(random) as u16);
    Access: |random| Access::from_bits_truncate(edge(random) as u8);
    ErrorCode: |random| ErrorCode::from_bits_truncate(edge(random) as u8);
    Strategy: |random| Strategy::new(edge(random) as u8);
    Level: |random| Level::new_truncate(edge(random) as u8);
    PageSize: |random| PageSize::from_number(random.u8(..3)).unwrap();
    PackedRun: |random| Run {
        frames: edge(random),
        align_frames: 1 << random.u32(..64),
        ceiling: random.bool().then(|| PhysAddr::new_truncate(edge(random))),
    }
    .into();
}

macro_rules! any_variant {
    ($($type:ty),*) => {
        any! { $($type: |random| <$type>::ALL[random.usize(..<$type>::ALL.len())];)* }
    };
}

any_variant!(
    CorruptionKind,
    FaultCause,
    FaultOutcome,
    MemoryKind,
    MismatchKind,
    ProcessState,
    RegionPolicy,
    RequestKind,
    TableLevel
);

/// Slots of which each type uses all bits that its fields have.
macro_rules! whole {
    ($($slot:ty),*) => {$(
        impl<T: Field> Fit<T> for $slot {
            fn fit(field: T) -> T {
                field
            }
        }
    )*};
}

whole!(
    Address, Details, FlagsByte, High, Low, Value, Value0, Value16, Value32, Value48
);

macro_rules! fits {
    ($($slot:ty, $type:ty: |$field:ident| $fitted:expr;)*) => {$(
        impl Fit<$type> for $slot {
            fn fit($field: $type) -> $type {
                $fitted
            }
        }
    )*};
}

fits! {
    AddressLow40, u64: |milliseconds| milliseconds.min(largest(40));
    AddressHigh40, u64: |milliseconds| milliseconds.min(largest(40));
    AddressHigh40, u16: |frame| frame;
    AddressLow24, u16: |frame| frame;
    AddressLow24, u32: |faults| faults.min(0x00ff_ffff);
    AddressAndValue, PackedRun: |run| run;
    TagByte, Tag: |owner| owner & Tag::OWNERS;
    TagByte, bool: |flag| flag;
    TagByte, u8: |number| number;
    TagByte, MemoryKind: |kind| kind;
    TagByte, PageSize: |size| size;
    TagByte, FaultCause: |cause| cause;
    TagByte, Level: |level| level;
    TagByte, TableLevel: |level| level;
    TagByte, ProcessState: |state| state;
    TagByte, Strategy: |strategy| strategy;
    TagByte, RequestKind: |kind| kind;
    TagByte, CorruptionKind: |kind| kind;
    TagByte, MismatchKind: |kind| kind;
}
