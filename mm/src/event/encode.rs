//! From a typed payload to tag, flags, address and value.
//!
//! Always inline: where the kind is known, what is left is a handful of shifts.

use super::origin::Origin;
use super::payload::Payload;
use crate::vocabulary::tag::Tag;

/// The low bits of a process's end that count its page faults.
pub(super) const FAULT_BITS: u32 = 24;
pub(super) const FAULT_MASK: u64 = (1 << FAULT_BITS) - 1;

/// Two halves of a value, the first one high.
const fn pack(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

/// The untyped fields that a payload fills.
#[derive(Clone, Copy)]
pub(super) struct Raw {
    pub(super) kind: u8,
    pub(super) tag: u8,
    pub(super) flags: u8,
    pub(super) address: u64,
    pub(super) value: u64,
}

impl Payload {
    /// The words of the event that this is, see [`Event::to_words`](super::Event::to_words).
    #[inline(always)]
    pub(crate) fn to_words(self, time: u64, origin: Origin) -> [u64; 4] {
        let raw = self.to_raw();
        // Two bytes that come from one tag stay together.
        let details = u16::from_le_bytes([raw.tag, raw.flags]);
        let head = u64::from(raw.kind) | u64::from(details) << 8 | origin.bits();
        [time, head, raw.address, raw.value]
    }

    #[inline(always)]
    fn to_raw(self) -> Raw {
        let (tag, flags, address, value) = match self {
            Payload::FirmwareRegion { start, bytes, kind } => {
                (kind as u8, 0, start.as_u64(), bytes)
            }
            Payload::FrameAllocate { first, frames, tag }
            | Payload::FrameFree { first, frames, tag } => {
                (tag.owners(), tag.attributes(), first.as_u64(), frames)
            }
            Payload::FrameReference {
                frame,
                from,
                to,
                tag,
            } => (
                tag.owners(),
                tag.attributes(),
                frame.as_u64(),
                pack(from, to),
            ),
            Payload::FrameRetag {
                first,
                frames,
                from,
                to,
            } => {
                let tags = u32::from(from.bits()) << 16 | u32::from(to.bits());
                (
                    to.owners(),
                    to.attributes(),
                    first.as_u64(),
                    pack(frames, tags),
                )
            }
            Payload::FrameRefuse { refused, tag } => {
                let (length, ceiling) = refused.words();
                (tag.owners(), tag.attributes(), ceiling, length)
            }
            Payload::Map {
                page,
                frame,
                size,
                access,
            }
            | Payload::Unmap {
                page,
                frame,
                size,
                access,
            } => (size as u8, access.bits(), page.as_u64(), frame.as_u64()),
            Payload::Protect {
                page,
                size,
                from,
                to,
            } => (
                size as u8,
                to.bits(),
                page.as_u64(),
                pack(from.bits().into(), to.bits().into()),
            ),
            Payload::RegionOpen {
                start,
                bytes,
                policy,
                owner,
            }
            | Payload::RegionClose {
                start,
                bytes,
                policy,
                owner,
            } => (owner.owners(), policy as u8, start.as_u64(), bytes),
            Payload::FaultBegin {
                address,
                instruction,
                code,
                cause,
            } => (
                cause as u8,
                code.bits(),
                address.as_u64(),
                instruction.as_u64(),
            ),
            Payload::FaultEnd {
                address,
                nanoseconds,
                cause,
                outcome,
            } => (cause as u8, outcome as u8, address.as_u64(), nanoseconds),
            Payload::HeapGrow { start, bytes } | Payload::HeapShrink { start, bytes } => {
                (Tag::HEAP.owners(), 0, start.as_u64(), bytes)
            }
            Payload::HeapAllocate {
                block,
                order,
                from: around,
                requested,
                owner,
            }
            | Payload::HeapFree {
                block,
                order,
                into: around,
                requested,
                owner,
            } => (
                owner.owners(),
                order,
                block.as_u64(),
                pack(around.into(), requested),
            ),
            Payload::HeapRefuse {
                heap,
                requested,
                owner,
            } => (owner.owners(), 0, heap.as_u64(), requested),
            Payload::ArenaOpen {
                start,
                chunks,
                strategy,
            } => (strategy as u8, chunks, start.as_u64(), 0),
            Payload::ArenaClose {
                start,
                chunks,
                strategy,
                served,
                refused,
                splits,
                merges,
            } => {
                let pair = |high: u16, low: u16| u32::from(high) << 16 | u32::from(low);
                let value = pack(pair(served, refused), pair(splits, merges));
                (strategy as u8, chunks, start.as_u64(), value)
            }
            Payload::ArenaAllocate {
                block,
                bytes,
                requested,
                owner,
            }
            | Payload::ArenaFree {
                block,
                bytes,
                requested,
                owner,
            } => (owner.owners(), 0, block.as_u64(), pack(bytes, requested)),
            Payload::HeapQuarantine {
                block,
                bytes,
                owner,
            } => (owner.owners(), 0, block.as_u64(), bytes.into()),
            Payload::Corruption {
                address,
                kind,
                first,
                count,
            } => (kind as u8, 0, address.as_u64(), pack(first, count)),
            Payload::Caption { number, previous } | Payload::SpaceSwitch { number, previous } => {
                (0, 0, 0, pack(previous, number))
            }
            Payload::ProcessStart {
                number,
                parent,
                program,
                started,
            } => (0, program, started, pack(parent, number)),
            Payload::ProcessEnd {
                number,
                parent,
                program,
                started,
                faults,
                by_fault,
            } => (
                by_fault.into(),
                program,
                started << FAULT_BITS | u64::from(faults) & FAULT_MASK,
                pack(parent, number),
            ),
            Payload::ProcessState { number, from, to } => (from as u8, to as u8, 0, number.into()),
            Payload::TableLink {
                table,
                base,
                level,
                access,
            }
            | Payload::TableUnlink {
                table,
                base,
                level,
                access,
            } => (level as u8, access.bits(), base.as_u64(), table.as_u64()),
            Payload::FrameHeat {
                first,
                frames,
                from,
                to,
            } => (from.number(), to.number(), first.as_u64(), frames.into()),
        };
        Raw {
            kind: self.kind() as u8,
            tag,
            flags,
            address,
            value,
        }
    }
}
