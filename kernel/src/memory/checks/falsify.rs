//! Wrong events on purpose: they make the picture differ from the machine, so that its comparison
//! with the machine can be watched.
//!
//! ```text
//! falsify ──► a wrong event ──► the comparison finds the mismatch ──► correct: the opposite event
//! ```
//! Invariants: the machine's memory never changes here. At most one wrong event is in effect.

use crate::lock::Mutex;
use crate::machine::clock;
use crate::memory::heap::kernel_heap;
use crate::memory::paging::kernel_space;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::trace;
use core::fmt;
use mm::event::{MismatchKind, Payload};
use mm::frame::{FrameInfo, FrameState};
use mm::heap::GRANULE_BYTES;
use mm::paging::Access;
use mm::tag::Tag;
use x86_64::structures::paging::{PhysFrame, Size4KiB};
use x86_64::{PhysAddr, VirtAddr};

/// A place that a wrong event can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The owner of the frame that contains this address.
    Owner(PhysAddr),
    /// The reference count of the frame that contains this address.
    References(PhysAddr),
    /// The rights of the kernel's page that contains this address.
    Rights(VirtAddr),
    /// The heap allocation that begins at this address.
    Block(VirtAddr),
}

/// The reason why no wrong event was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FalsifyError {
    /// Another wrong event is in effect.
    Busy,
    /// Nothing is recorded: `trace=off`.
    Off,
    /// No usable frame contains this address.
    NoFrame(PhysAddr),
    /// The frame at this address is free: it has no references.
    Free(PhysAddr),
    /// The kernel maps no page at this address.
    NotMapped(VirtAddr),
    /// No live heap allocation begins at this address.
    NoAllocation(VirtAddr),
}

impl fmt::Display for FalsifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FalsifyError::Busy => f.write_str("another wrong event is in effect"),
            FalsifyError::Off => f.write_str("events are not recorded: trace=off"),
            FalsifyError::NoFrame(address) => write!(f, "{address:#x} is in no usable frame"),
            FalsifyError::Free(address) => write!(f, "the frame at {address:#x} is free"),
            FalsifyError::NotMapped(address) => {
                write!(f, "the kernel maps no page at {address:#x}")
            }
            FalsifyError::NoAllocation(address) => {
                write!(f, "no live allocation begins at {address:#x}")
            }
        }
    }
}

/// A wrong event, and the event that undoes it.
#[derive(Clone, Copy, Debug)]
struct Wrong {
    place: Place,
    opposite: Payload,
    /// When it is corrected by itself, in nanoseconds since boot.
    ends: Option<u64>,
    /// True if a comparison has found the mismatch.
    is_found: bool,
}

/// The wrong event in effect.
static WRONG: Mutex<Option<Wrong>> = Mutex::new(None);

/// Records a wrong event. It is in effect for so many nanoseconds, or until [`correct`].
///
/// # Errors
/// See [`FalsifyError`].
pub fn falsify(place: Place, lasts: Option<u64>) -> Result<(), FalsifyError> {
    let mut wrong = WRONG.lock();
    if wrong.is_some() {
        return Err(FalsifyError::Busy);
    }
    if !trace::is_on() {
        return Err(FalsifyError::Off);
    }
    let (event, opposite) = events(place)?;
    trace::record(event);
    *wrong = Some(Wrong {
        place,
        opposite,
        ends: lasts.map(|lasts| clock::now().saturating_add(lasts)),
        is_found: false,
    });
    Ok(())
}

/// Returns whether a wrong event is in effect.
pub fn is_active() -> bool {
    WRONG.lock().is_some()
}

/// Returns whether the wrong event in effect explains a mismatch: it is at the same place, or in
/// the counts that follow from such places. Notes that a comparison found it.
pub fn explains(kind: MismatchKind, place: u64) -> bool {
    let mut wrong = WRONG.lock();
    let Some(wrong) = wrong.as_mut() else {
        return false;
    };
    let is_there = covers(&wrong.opposite, kind, place);
    wrong.is_found |= is_there;
    is_there || kind == MismatchKind::Other
}

/// Returns whether a comparison has found the wrong event in effect.
pub fn is_found() -> bool {
    WRONG.lock().is_some_and(|wrong| wrong.is_found)
}

/// Undoes the wrong event if its time is over.
pub fn correct_in_time(now: u64) {
    let ends = WRONG.lock().and_then(|wrong| wrong.ends);
    if ends.is_some_and(|ends| ends <= now) {
        correct();
    }
}

/// Undoes the wrong event, if there is one. If the machine has changed the place since, the
/// dashboard builds its picture from the machine.
pub fn correct() {
    let Some(Wrong {
        place, opposite, ..
    }) = WRONG.lock().take()
    else {
        return;
    };
    match events(place) {
        Ok((_, unchanged)) if unchanged == opposite => trace::record(opposite),
        _ => trace::omit(|| ()),
    }
}

/// Returns whether an event is about this place.
fn covers(event: &Payload, kind: MismatchKind, place: u64) -> bool {
    let (start, bytes) = match *event {
        Payload::FrameAllocate { first, .. }
        | Payload::FrameFree { first, .. }
        | Payload::FrameRetag { first, .. }
        | Payload::FrameReference { frame: first, .. } => (first.as_u64(), FRAME),
        Payload::Protect { page, size, .. } => (page.as_u64(), size.bytes()),
        Payload::HeapReuse {
            block, granules, ..
        } => (block.as_u64(), u64::from(granules) * GRANULE_BYTES),
        _ => return false,
    };
    let is_frame = !matches!(event, Payload::Protect { .. } | Payload::HeapReuse { .. });
    kind.is_about_a_frame() == is_frame && (start..start + bytes).contains(&place)
}

/// Returns a wrong event for a place, and the event that undoes it.
fn events(place: Place) -> Result<(Payload, Payload), FalsifyError> {
    match place {
        Place::Owner(address) => owner(address),
        Place::References(address) => references(address),
        Place::Rights(address) => rights(address),
        Place::Block(address) => block(address),
    }
}

fn frame_at(address: PhysAddr) -> Result<(PhysAddr, Option<FrameInfo>), FalsifyError> {
    let frame = PhysFrame::<Size4KiB>::containing_address(address);
    match frames::lock().state(frame) {
        FrameState::InUse(info) => Ok((frame.start_address(), Some(info))),
        FrameState::Free => Ok((frame.start_address(), None)),
        FrameState::NotUsable | FrameState::OutOfRange => Err(FalsifyError::NoFrame(address)),
    }
}

/// A frame in use gets another owner; a free one is allocated.
fn owner(address: PhysAddr) -> Result<(Payload, Payload), FalsifyError> {
    let (first, info) = frame_at(address)?;
    Ok(match info {
        Some(FrameInfo { tag, .. }) => {
            let other = match tag.contains(Tag::CACHE) {
                true => Tag::KERNEL,
                false => Tag::CACHE,
            };
            let change = |from, to| Payload::FrameRetag {
                first,
                frames: 1,
                from,
                to,
            };
            (change(tag, other), change(other, tag))
        }
        None => {
            let (frames, tag) = (1, Tag::CACHE);
            (
                Payload::FrameAllocate { first, frames, tag },
                Payload::FrameFree { first, frames, tag },
            )
        }
    })
}

fn references(address: PhysAddr) -> Result<(Payload, Payload), FalsifyError> {
    let (frame, info) = frame_at(address)?;
    let FrameInfo {
        tag, references, ..
    } = info.ok_or(FalsifyError::Free(address))?;
    let change = |from, to| Payload::FrameReference {
        frame,
        from,
        to,
        tag,
    };
    let more = references.saturating_add(1);
    Ok((change(references, more), change(more, references)))
}

fn rights(address: VirtAddr) -> Result<(Payload, Payload), FalsifyError> {
    let mapping = kernel_space::lock().lookup(address);
    let mapping = mapping.ok_or(FalsifyError::NotMapped(address))?;
    let page = VirtAddr::new(address.as_u64() & !(mapping.size.bytes() - 1));
    let other = mapping.access ^ Access::WRITE;
    let change = |from, to| Payload::Protect {
        page,
        size: mapping.size,
        from,
        to,
    };
    Ok((change(mapping.access, other), change(other, mapping.access)))
}

/// A live allocation is freed into the cache.
fn block(address: VirtAddr) -> Result<(Payload, Payload), FalsifyError> {
    let found = kernel_heap::lock().allocation(address);
    let found = found.ok_or(FalsifyError::NoAllocation(address))?;
    let (block, owner) = (found.address, found.owner);
    let granules = u16::try_from(found.bytes / GRANULE_BYTES).unwrap_or(u16::MAX);
    let requested = u32::try_from(found.requested).unwrap_or(u32::MAX);
    Ok((
        Payload::HeapCache {
            block,
            granules,
            requested,
            owner,
        },
        Payload::HeapReuse {
            block,
            granules,
            requested,
            owner,
        },
    ))
}
