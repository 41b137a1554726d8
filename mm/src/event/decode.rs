//! From tag, flags, address and value to a typed payload: what [`encode`](super::encode) did,
//! undone.

use super::encode::{FAULT_BITS, FAULT_MASK, Raw};
use super::kind::Kind;
use super::payload::Payload;
use crate::vocabulary::corruption::CorruptionKind;
use crate::vocabulary::faults::{ErrorCode, FaultCause, FaultOutcome};
use crate::vocabulary::level::Level;
use crate::vocabulary::memory_kind::MemoryKind;
use crate::vocabulary::pages::{Access, PageSize, RegionPolicy, TableLevel};
use crate::vocabulary::process::ProcessState;
use crate::vocabulary::run::PackedRun;
use crate::vocabulary::strategy::Strategy;
use crate::vocabulary::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// Why 32 bytes are not an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No such kind.
    Kind(u8),
    /// The tag byte does not fit the kind.
    Tag(u8),
    /// The flags byte does not fit the kind.
    Flags(u8),
    /// Not a canonical or not a physical address.
    Address(u64),
    /// The value does not fit the kind.
    Value(u64),
}

/// Where the frames begin whose count, owner or tag the event in these words changes, and how many
/// they are: for whoever looks through many events, and has no time to decode them.
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

impl Payload {
    /// The typed form of these fields.
    pub(super) fn from_raw(raw: Raw) -> Result<Payload, DecodeError> {
        let Raw {
            kind,
            tag,
            flags,
            address,
            value,
        } = raw;
        let physical = |a: u64| PhysAddr::try_new(a).map_err(|_| DecodeError::Address(a));
        let virtual_ = |a: u64| VirtAddr::try_new(a).map_err(|_| DecodeError::Address(a));
        let size = || PageSize::from_number(tag).ok_or(DecodeError::Tag(tag));
        let level = || TableLevel::from_number(tag).ok_or(DecodeError::Tag(tag));
        let cause = || FaultCause::from_number(tag).ok_or(DecodeError::Tag(tag));
        let access = |bits: u8| Access::from_bits(bits).ok_or(DecodeError::Flags(bits));
        let strategy = || Strategy::from_number(tag).ok_or(DecodeError::Tag(tag));
        let policy = || RegionPolicy::from_number(flags).ok_or(DecodeError::Flags(flags));
        let around = || u8::try_from(value >> 32).map_err(|_| DecodeError::Value(value));
        let frame_tag = Tag::from_bytes(tag, flags);
        let owner = Tag::from_bytes(tag, 0);
        let (high, low) = ((value >> 32) as u32, value as u32);

        let kind = Kind::from_number(kind).ok_or(DecodeError::Kind(kind))?;
        // Each arm is a whole result, written in place: one made of the arms' payloads is put
        // together byte by byte.
        match kind {
            Kind::FirmwareRegion => Ok(Payload::FirmwareRegion {
                start: physical(address)?,
                bytes: value,
                kind: MemoryKind::from_number(tag).ok_or(DecodeError::Tag(tag))?,
            }),
            Kind::FrameAllocate => Ok(Payload::FrameAllocate {
                first: physical(address)?,
                frames: value,
                tag: frame_tag,
            }),
            Kind::FrameFree => Ok(Payload::FrameFree {
                first: physical(address)?,
                frames: value,
                tag: frame_tag,
            }),
            Kind::FrameReference => Ok(Payload::FrameReference {
                frame: physical(address)?,
                from: high,
                to: low,
                tag: frame_tag,
            }),
            Kind::FrameRetag => Ok(Payload::FrameRetag {
                first: physical(address)?,
                frames: high,
                from: Tag::from_bits_truncate((low >> 16) as u16),
                to: Tag::from_bits_truncate(low as u16),
            }),
            Kind::FrameRefuse => Ok(Payload::FrameRefuse {
                refused: PackedRun::from_words(value, physical(address)?)
                    .ok_or(DecodeError::Value(value))?,
                tag: frame_tag,
            }),
            Kind::Map => Ok(Payload::Map {
                page: virtual_(address)?,
                frame: physical(value)?,
                size: size()?,
                access: access(flags)?,
            }),
            Kind::Unmap => Ok(Payload::Unmap {
                page: virtual_(address)?,
                frame: physical(value)?,
                size: size()?,
                access: access(flags)?,
            }),
            Kind::Protect => Ok(Payload::Protect {
                page: virtual_(address)?,
                size: size()?,
                from: access(high as u8)?,
                to: access(low as u8)?,
            }),
            Kind::RegionOpen => Ok(Payload::RegionOpen {
                start: virtual_(address)?,
                bytes: value,
                policy: policy()?,
                owner,
            }),
            Kind::RegionClose => Ok(Payload::RegionClose {
                start: virtual_(address)?,
                bytes: value,
                policy: policy()?,
                owner,
            }),
            Kind::FaultBegin => Ok(Payload::FaultBegin {
                address: virtual_(address)?,
                instruction: virtual_(value)?,
                code: ErrorCode::from_bits(flags).ok_or(DecodeError::Flags(flags))?,
                cause: cause()?,
            }),
            Kind::FaultEnd => Ok(Payload::FaultEnd {
                address: virtual_(address)?,
                nanoseconds: value,
                cause: cause()?,
                outcome: FaultOutcome::from_number(flags).ok_or(DecodeError::Flags(flags))?,
            }),
            Kind::HeapGrow => Ok(Payload::HeapGrow {
                start: virtual_(address)?,
                bytes: value,
            }),
            Kind::HeapShrink => Ok(Payload::HeapShrink {
                start: virtual_(address)?,
                bytes: value,
            }),
            Kind::HeapAllocate => Ok(Payload::HeapAllocate {
                block: virtual_(address)?,
                order: flags,
                from: around()?,
                requested: low,
                owner,
            }),
            Kind::HeapFree => Ok(Payload::HeapFree {
                block: virtual_(address)?,
                order: flags,
                into: around()?,
                requested: low,
                owner,
            }),
            Kind::HeapRefuse => Ok(Payload::HeapRefuse {
                heap: virtual_(address)?,
                requested: value,
                owner,
            }),
            Kind::ArenaOpen => Ok(Payload::ArenaOpen {
                start: virtual_(address)?,
                chunks: flags,
                strategy: strategy()?,
            }),
            Kind::ArenaClose => Ok(Payload::ArenaClose {
                start: virtual_(address)?,
                chunks: flags,
                strategy: strategy()?,
                served: (high >> 16) as u16,
                refused: high as u16,
                splits: (low >> 16) as u16,
                merges: low as u16,
            }),
            Kind::ArenaAllocate => Ok(Payload::ArenaAllocate {
                block: virtual_(address)?,
                bytes: high,
                requested: low,
                owner,
            }),
            Kind::ArenaFree => Ok(Payload::ArenaFree {
                block: virtual_(address)?,
                bytes: high,
                requested: low,
                owner,
            }),
            Kind::HeapQuarantine => Ok(Payload::HeapQuarantine {
                block: virtual_(address)?,
                bytes: u32::try_from(value).map_err(|_| DecodeError::Value(value))?,
                owner,
            }),
            Kind::Corruption => Ok(Payload::Corruption {
                address: virtual_(address)?,
                kind: CorruptionKind::from_number(tag).ok_or(DecodeError::Tag(tag))?,
                first: high,
                count: low,
            }),
            Kind::Caption => Ok(Payload::Caption {
                number: low,
                previous: high,
            }),
            Kind::SpaceSwitch => Ok(Payload::SpaceSwitch {
                number: low,
                previous: high,
            }),
            Kind::ProcessStart => Ok(Payload::ProcessStart {
                number: low,
                parent: high,
                program: flags,
                started: address,
            }),
            Kind::ProcessEnd => Ok(Payload::ProcessEnd {
                number: low,
                parent: high,
                program: flags,
                started: address >> FAULT_BITS,
                faults: (address & FAULT_MASK) as u32,
                by_fault: match tag {
                    0 => false,
                    1 => true,
                    _ => return Err(DecodeError::Tag(tag)),
                },
            }),
            Kind::ProcessState => Ok(Payload::ProcessState {
                number: u32::try_from(value).map_err(|_| DecodeError::Value(value))?,
                from: ProcessState::from_number(tag).ok_or(DecodeError::Tag(tag))?,
                to: ProcessState::from_number(flags).ok_or(DecodeError::Flags(flags))?,
            }),
            Kind::TableLink => Ok(Payload::TableLink {
                table: physical(value)?,
                base: virtual_(address)?,
                level: level()?,
                access: access(flags)?,
            }),
            Kind::TableUnlink => Ok(Payload::TableUnlink {
                table: physical(value)?,
                base: virtual_(address)?,
                level: level()?,
                access: access(flags)?,
            }),
            Kind::FrameHeat => Ok(Payload::FrameHeat {
                first: physical(address)?,
                frames: u32::try_from(value).map_err(|_| DecodeError::Value(value))?,
                from: Level::new(tag).ok_or(DecodeError::Tag(tag))?,
                to: Level::new(flags).ok_or(DecodeError::Flags(flags))?,
            }),
        }
    }
}
