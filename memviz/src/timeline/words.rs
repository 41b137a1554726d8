//! An event in words: what, where, who, as it stands in a line of text.

use crate::graphics::theme::Theme;
use crate::model::heap::block_bytes;
use crate::units::{Bytes, Count, Nanoseconds};
use core::fmt;
use mm::event::{Event, Payload};
use mm::heap::corruption::CorruptionKind;
use mm::paging::{Access, PageSize};
use mm::tag::Tag;

/// An event, to be written as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub Event);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.payload.kind().words())?;
        match self.0.payload {
            Payload::FirmwareRegion { start, bytes, kind } => {
                write!(
                    f,
                    " {:#x} {} {}",
                    start.as_u64(),
                    Bytes(bytes),
                    kind.words()
                )
            }
            Payload::FrameAllocate { first, frames, tag }
            | Payload::FrameFree { first, frames, tag } => {
                write!(f, " {:#x}{} {}", first.as_u64(), Times(frames), Owner(tag))
            }
            Payload::FrameReference {
                frame,
                from,
                to,
                tag,
            } => {
                write!(f, " {:#x} {from} → {to} {}", frame.as_u64(), Owner(tag))
            }
            Payload::FrameRetag {
                first,
                frames,
                from,
                to,
            } => {
                let times = Times(frames.into());
                write!(
                    f,
                    " {:#x}{times} {} → {}",
                    first.as_u64(),
                    Owner(from),
                    Owner(to)
                )
            }
            Payload::FrameHeat {
                first,
                frames,
                from,
                to,
            } => {
                let (times, from, to) = (Times(frames.into()), from.number(), to.number());
                write!(f, " {:#x}{times} {from} → {to}", first.as_u64())
            }
            Payload::FrameRefuse { refused, tag } => {
                write!(
                    f,
                    " {} frames for {}",
                    Count(refused.run().frames),
                    Owner(tag)
                )
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
            } => {
                let (page, frame) = (page.as_u64(), frame.as_u64());
                write!(
                    f,
                    " {page:#x} → {frame:#x}{} {}",
                    Large(size),
                    Allowed(access)
                )
            }
            Payload::Protect {
                page,
                size,
                from,
                to,
            } => {
                let (from, to) = (Allowed(from), Allowed(to));
                write!(f, " {:#x}{} {from} → {to}", page.as_u64(), Large(size))
            }
            Payload::TableLink {
                table, base, level, ..
            }
            | Payload::TableUnlink {
                table, base, level, ..
            } => {
                let (level, base, table) = (level.words(), base.as_u64(), table.as_u64());
                write!(f, " {level} {base:#x} → {table:#x}")
            }
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
            } => {
                let (policy, owner) = (policy.words(), Owner(owner));
                write!(
                    f,
                    " {:#x} {} {policy} {owner}",
                    start.as_u64(),
                    Bytes(bytes)
                )
            }
            Payload::FaultBegin { address, cause, .. } => {
                write!(f, " {:#x} {}", address.as_u64(), cause.words())
            }
            Payload::FaultEnd {
                address,
                nanoseconds,
                outcome,
                ..
            } => {
                let cost = Nanoseconds(nanoseconds);
                write!(
                    f,
                    " {:#x} {} after {cost}",
                    address.as_u64(),
                    outcome.words()
                )
            }
            Payload::HeapGrow { start, bytes } | Payload::HeapShrink { start, bytes } => {
                write!(f, " {:#x} {}", start.as_u64(), Bytes(bytes))
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
            } => {
                let (size, asked) = (Bytes(block_bytes(order)), Bytes(requested.into()));
                write!(
                    f,
                    " {:#x} {size} for {asked} {}",
                    block.as_u64(),
                    Owner(owner)
                )?;
                let way = match self.0.payload {
                    Payload::HeapAllocate { .. } => "split from",
                    _ => "merged to",
                };
                if around != order {
                    write!(f, ", {way} {}", Bytes(block_bytes(around)))?;
                }
                Ok(())
            }
            Payload::ArenaOpen {
                start, strategy, ..
            }
            | Payload::ArenaClose {
                start, strategy, ..
            } => write!(f, " {:#x} {}", start.as_u64(), strategy.words()),
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
            } => {
                let (size, asked) = (Bytes(bytes.into()), Bytes(requested.into()));
                let owner = Owner(owner);
                write!(f, " {:#x} {size} for {asked} {owner}", block.as_u64())
            }
            Payload::HeapQuarantine {
                block,
                bytes,
                owner,
            } => {
                let size = Bytes(bytes.into());
                write!(f, " {size} of {} at {:#x}", Owner(owner), block.as_u64())
            }
            Payload::Corruption {
                address,
                kind,
                first,
                count,
            } => {
                write!(f, " {}", kind.words())?;
                match kind {
                    CorruptionKind::OutOfBounds => {
                        write!(f, ", {count} B, {first} B behind the end")?
                    }
                    CorruptionKind::UseAfterFree => write!(f, ", {count} B, {first} B inside")?,
                    CorruptionKind::DoubleFree | CorruptionKind::WildFree => {}
                }
                write!(f, " of {:#x}", address.as_u64())
            }
            Payload::HeapRefuse {
                requested, owner, ..
            } => {
                write!(f, " {} for {}", Bytes(requested), Owner(owner))
            }
            // Its words stand in the bar below.
            Payload::Caption { .. } => Ok(()),
            Payload::SpaceSwitch { number, previous } => {
                write!(f, " {} → {}", Process(previous), Process(number))
            }
            Payload::ProcessStart { number, parent, .. } => {
                write!(f, " {number}, child of {}", Process(parent))
            }
            Payload::ProcessState { number, from, to } => {
                write!(f, " {number} {} → {}", from.words(), to.words())
            }
            Payload::ProcessEnd {
                number, by_fault, ..
            } => {
                write!(f, " {number}{}", if by_fault { " by a fault" } else { "" })
            }
        }
    }
}

/// How many frames, unless it is one.
struct Times(u64);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => Ok(()),
            count => write!(f, " × {}", Count(count)),
        }
    }
}

/// How large a page is, unless it is of the smallest size.
struct Large(PageSize);

impl fmt::Display for Large {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            PageSize::Size4KiB => Ok(()),
            size => write!(f, " {}", Bytes(size.bytes())),
        }
    }
}

/// The owners in a tag.
pub struct Owner(pub Tag);

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Theme::ALL[0].tag(self.0).words)?;
        let mut attributes = self.0.attribute_words();
        attributes.try_for_each(|words| write!(f, ", {words}"))
    }
}

/// What may be done with a page, as letters.
struct Allowed(Access);

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |access, letter| if self.0.contains(access) { letter } else { "-" };
        let user = if self.0.contains(Access::USER) {
            " user"
        } else {
            ""
        };
        write!(
            f,
            "r{}{}{user}",
            has(Access::WRITE, "w"),
            has(Access::EXECUTE, "x")
        )
    }
}

/// A process by its number.
struct Process(u32);

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("kernel"),
            number => write!(f, "process {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x86_64::PhysAddr;

    #[test]
    fn a_tag_is_told_whole() {
        let payload = Payload::FrameRetag {
            first: PhysAddr::new(0x5000),
            frames: 1,
            from: Tag::USER,
            to: Tag::USER | Tag::SHARED | Tag::COPY_ON_WRITE,
        };
        let event = Event {
            time: 0,
            cpu: 0,
            site: 0,
            payload,
        };
        let words = Words(event).to_string();
        assert_eq!(
            words,
            "frame retag 0x5000 user → user, shared, copied on write"
        );
    }
}
