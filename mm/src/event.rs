//! What happens in memory, as 32 bytes that can be undone.
//!
//! ```text
//! byte  0        8     9    10     11   12          16        24        32
//!       +--------+-----+-----+-----+----+-----------+---------+---------+
//!       | time   | kind| tag |flags| cpu| call site | address |  value  |   little-endian
//!       +--------+-----+-----+-----+----+-----------+---------+---------+
//! ```
//! The same bytes in memory, in a trace file and on the wire. Every event carries what undoing
//! it needs: a free says what it freed, a change says the old value and the new one. So a reader can
//! go back in time without snapshots.
//!
//! [`Payload`] is the typed form of everything but time, CPU and call site; the two convert without
//! loss.

use crate::frame::Run;
use crate::heap::strategy::Strategy;
use crate::heat::Level;
use crate::memory_map::RegionKind;
use crate::paging::{
    Access, ErrorCode, FaultCause, FaultOutcome, PageSize, TableLevel, WindowPolicy, byte_enum,
};
use crate::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

mod origin;

pub use origin::{Origin, OriginCell};

/// Bits of the length of a refused run; its alignment is above them, as a power of two.
const RUN_BITS: u32 = 56;

/// One thing that happened, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// When: nanoseconds since boot. Inside the ring it may be raw ticks of the producer's clock,
    /// which the reader converts.
    pub time: u64,
    /// On which CPU.
    pub cpu: u8,
    /// Who asked: the low 32 bits of a code address in the kernel, 0 if unknown.
    pub site: u32,
    /// What.
    pub payload: Payload,
}

byte_enum! {
    /// The kind byte of an event.
    Kind {
        /// See [`Payload::Region`].
        Region = 1, "region";
        /// See [`Payload::FrameAllocate`].
        FrameAllocate = 2, "frame allocate";
        /// See [`Payload::FrameFree`].
        FrameFree = 3, "frame free";
        /// See [`Payload::FrameReference`].
        FrameReference = 4, "frame reference";
        /// See [`Payload::FrameRetag`].
        FrameRetag = 5, "frame retag";
        /// See [`Payload::FrameRefuse`].
        FrameRefuse = 6, "frame refuse";
        /// See [`Payload::Map`].
        Map = 7, "map";
        /// See [`Payload::Unmap`].
        Unmap = 8, "unmap";
        /// See [`Payload::Protect`].
        Protect = 9, "protect";
        /// See [`Payload::WindowOpen`].
        WindowOpen = 10, "window open";
        /// See [`Payload::WindowClose`].
        WindowClose = 11, "window close";
        /// See [`Payload::FaultBegin`].
        FaultBegin = 12, "fault begin";
        /// See [`Payload::FaultEnd`].
        FaultEnd = 13, "fault end";
        /// See [`Payload::HeapGrow`].
        HeapGrow = 14, "heap grow";
        /// See [`Payload::HeapShrink`].
        HeapShrink = 15, "heap shrink";
        /// See [`Payload::HeapAllocate`].
        HeapAllocate = 16, "heap allocate";
        /// See [`Payload::HeapFree`].
        HeapFree = 17, "heap free";
        /// See [`Payload::HeapRefuse`].
        HeapRefuse = 18, "heap refuse";
        /// See [`Payload::Caption`].
        Caption = 19, "caption";
        /// See [`Payload::SpaceSwitch`].
        SpaceSwitch = 20, "space switch";
        /// See [`Payload::ProcessStart`].
        ProcessStart = 21, "process start";
        /// See [`Payload::ProcessEnd`].
        ProcessEnd = 22, "process end";
        /// See [`Payload::FrameHeat`].
        FrameHeat = 23, "frame heat";
        /// See [`Payload::TableLink`].
        TableLink = 24, "table link";
        /// See [`Payload::TableUnlink`].
        TableUnlink = 25, "table unlink";
        /// See [`Payload::ProcessState`].
        ProcessState = 26, "process state";
        /// See [`Payload::ArenaOpen`].
        ArenaOpen = 27, "arena open";
        /// See [`Payload::ArenaClose`].
        ArenaClose = 28, "arena close";
        /// See [`Payload::PieceAllocate`].
        PieceAllocate = 29, "piece allocate";
        /// See [`Payload::PieceFree`].
        PieceFree = 30, "piece free";
    }
}

byte_enum! {
    /// What a process is doing.
    ProcessState {
        /// It can have a turn.
        Ready = 0, "ready";
        /// It waits for a time.
        Asleep = 1, "asleep";
        /// It is over, and gives back what it has.
        Ended = 2, "ended";
    }
}

impl Kind {
    /// How many numbers a table indexed by kind needs.
    pub const COUNT: usize = 31;
}

/// What happened, typed. Undoing reads "free" for "allocate", "to" for "from", and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each variant's sentence says what its fields are"
)]
pub enum Payload {
    /// The memory map has this region. `start` and `bytes` are multiples of 4096.
    Region {
        start: PhysAddr,
        bytes: u64,
        kind: RegionKind,
    },
    /// Free frames got an owner, and a reference count of 1.
    FrameAllocate {
        first: PhysAddr,
        frames: u64,
        tag: Tag,
    },
    /// Frames with this tag and a reference count of 1 became free.
    FrameFree {
        first: PhysAddr,
        frames: u64,
        tag: Tag,
    },
    /// The reference count of an allocated frame changed; neither value is 0.
    FrameReference {
        frame: PhysAddr,
        from: u32,
        to: u32,
        tag: Tag,
    },
    /// Allocated frames changed their tag. At most `u32::MAX` frames.
    FrameRetag {
        first: PhysAddr,
        frames: u32,
        from: Tag,
        to: Tag,
    },
    /// No such run could be had; of one frame, or of more. Fewer than 2^56 frames; a ceiling of 0 reads as none.
    FrameRefuse { run: Run, tag: Tag },
    /// A page was mapped where nothing was.
    Map {
        page: VirtAddr,
        frame: PhysAddr,
        size: PageSize,
        access: Access,
    },
    /// A mapping was taken away.
    Unmap {
        page: VirtAddr,
        frame: PhysAddr,
        size: PageSize,
        access: Access,
    },
    /// A mapping stayed and its access changed.
    Protect {
        page: VirtAddr,
        size: PageSize,
        from: Access,
        to: Access,
    },
    /// An entry of a page table leads to this table from now on; for the highest level it is CR3 that does, for the address
    /// space of [`Payload::SpaceSwitch`]. `base` is the first address that the table maps, 0 for the highest level; `access` is
    /// what the entry allows to all that is below it.
    TableLink {
        table: PhysAddr,
        base: VirtAddr,
        level: TableLevel,
        access: Access,
    },
    /// The table, which is empty, was taken away.
    TableUnlink {
        table: PhysAddr,
        base: VirtAddr,
        level: TableLevel,
        access: Access,
    },
    /// From now on this range of virtual addresses has this policy. For a guard, the owner
    /// says whose end it guards.
    WindowOpen {
        start: VirtAddr,
        bytes: u64,
        policy: WindowPolicy,
        owner: Tag,
    },
    /// The range has no policy any more.
    WindowClose {
        start: VirtAddr,
        bytes: u64,
        policy: WindowPolicy,
        owner: Tag,
    },
    /// A page fault arrived: at `instruction`, for `address`.
    FaultBegin {
        address: VirtAddr,
        instruction: VirtAddr,
        code: ErrorCode,
        cause: FaultCause,
    },
    /// It was dealt with, after this many nanoseconds in the handler.
    FaultEnd {
        address: VirtAddr,
        nanoseconds: u64,
        cause: FaultCause,
        outcome: FaultOutcome,
    },
    /// Chunks of frames were put under the end of the heap.
    HeapGrow { start: VirtAddr, bytes: u64 },
    /// Chunks of frames were taken from the end of the heap.
    HeapShrink { start: VirtAddr, bytes: u64 },
    /// A block of this order got an owner, who had asked for `requested` bytes. Until then it lay in a free block of
    /// order `from`, which was halved until this one was left: the other halves are free.
    HeapAllocate {
        block: VirtAddr,
        order: u8,
        from: u8,
        requested: u32,
        owner: Tag,
    },
    /// A live block became free, and merged with its free buddies into a block of order `into`.
    HeapFree {
        block: VirtAddr,
        order: u8,
        into: u8,
        requested: u32,
        owner: Tag,
    },
    /// The heap or arena that begins there has no block for that many bytes.
    HeapRefuse {
        heap: VirtAddr,
        requested: u64,
        owner: Tag,
    },
    /// From now on these addresses, `chunks` MiB, are an arena of their own: a heap that is shown beside the heap, for a race.
    /// What its blocks go by is the strategy; nothing lies behind them.
    ArenaOpen {
        start: VirtAddr,
        chunks: u8,
        strategy: Strategy,
    },
    /// The arena is empty, and no longer there. While it was, so many requests were served and refused, and so many
    /// blocks split and merged.
    ArenaClose {
        start: VirtAddr,
        chunks: u8,
        strategy: Strategy,
        served: u16,
        refused: u16,
        splits: u16,
        merges: u16,
    },
    /// In an arena without orders, `bytes` bytes were cut off a free piece for somebody who had asked for `requested`.
    PieceAllocate {
        block: VirtAddr,
        bytes: u32,
        requested: u32,
        owner: Tag,
    },
    /// They became free, and one piece with what is free beside them.
    PieceFree {
        block: VirtAddr,
        bytes: u32,
        requested: u32,
        owner: Tag,
    },
    /// The script says what is going on: a caption by its number. `previous` undoes it.
    Caption { number: u32, previous: u32 },
    /// What follows in the lower half (mappings, tables, windows, faults), faults of ring 3, and tables of the highest level
    /// belong to the address space of this process; 0 is the kernel, which has nothing in the lower half.
    SpaceSwitch { number: u32, previous: u32 },
    /// A process began to run a program, by the program's number, `started` milliseconds after boot (modulo 2^40). Its parent
    /// is 0 if the kernel started it. It is ready.
    ProcessStart {
        number: u32,
        parent: u32,
        program: u8,
        started: u64,
    },
    /// A process that has ended ([`ProcessState`]), by itself or for a fault, has given back all it had. It had so many page
    /// faults, modulo 2^24.
    ProcessEnd {
        number: u32,
        parent: u32,
        program: u8,
        started: u64,
        faults: u32,
        by_fault: bool,
    },
    /// A process does something else.
    ProcessState {
        number: u32,
        from: ProcessState,
        to: ProcessState,
    },
    /// Frames that were alike in it became warmer or colder: see [`heat`](crate::heat). At most
    /// `u32::MAX` frames.
    FrameHeat {
        first: PhysAddr,
        frames: u32,
        from: Level,
        to: Level,
    },
}

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

impl Event {
    /// Four little-endian words, as in the picture above.
    ///
    /// Always inline: where the kind is known, what is left is a handful of shifts.
    #[inline(always)]
    pub fn to_words(self) -> [u64; 4] {
        self.payload
            .to_words(self.time, Origin::new(self.cpu, self.site))
    }

    /// The reverse of [`Event::to_words`].
    ///
    /// # Errors
    /// Words that no event encodes to: see [`DecodeError`].
    pub fn from_words(words: [u64; 4]) -> Result<Event, DecodeError> {
        let [time, head, address, value] = words;
        let [kind, tag, flags, cpu, ..] = head.to_le_bytes();
        let payload = Payload::from_raw(Raw {
            kind,
            tag,
            flags,
            address,
            value,
        })?;
        Ok(Event {
            time,
            cpu,
            site: (head >> 32) as u32,
            payload,
        })
    }

    /// 32 bytes for a file or a wire.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.to_words()) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The reverse of [`Event::to_bytes`].
    ///
    /// # Errors
    /// As [`Event::from_words`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Event, DecodeError> {
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        Event::from_words([word(0), word(8), word(16), word(24)])
    }
}

/// The untyped fields that a payload fills.
#[derive(Clone, Copy)]
struct Raw {
    kind: u8,
    tag: u8,
    flags: u8,
    address: u64,
    value: u64,
}

impl Payload {
    /// The kind of this payload.
    pub const fn kind(&self) -> Kind {
        match self {
            Payload::Region { .. } => Kind::Region,
            Payload::FrameAllocate { .. } => Kind::FrameAllocate,
            Payload::FrameFree { .. } => Kind::FrameFree,
            Payload::FrameReference { .. } => Kind::FrameReference,
            Payload::FrameRetag { .. } => Kind::FrameRetag,
            Payload::FrameRefuse { .. } => Kind::FrameRefuse,
            Payload::Map { .. } => Kind::Map,
            Payload::Unmap { .. } => Kind::Unmap,
            Payload::Protect { .. } => Kind::Protect,
            Payload::WindowOpen { .. } => Kind::WindowOpen,
            Payload::WindowClose { .. } => Kind::WindowClose,
            Payload::FaultBegin { .. } => Kind::FaultBegin,
            Payload::FaultEnd { .. } => Kind::FaultEnd,
            Payload::HeapGrow { .. } => Kind::HeapGrow,
            Payload::HeapShrink { .. } => Kind::HeapShrink,
            Payload::HeapAllocate { .. } => Kind::HeapAllocate,
            Payload::HeapFree { .. } => Kind::HeapFree,
            Payload::HeapRefuse { .. } => Kind::HeapRefuse,
            Payload::Caption { .. } => Kind::Caption,
            Payload::SpaceSwitch { .. } => Kind::SpaceSwitch,
            Payload::ProcessStart { .. } => Kind::ProcessStart,
            Payload::ProcessEnd { .. } => Kind::ProcessEnd,
            Payload::FrameHeat { .. } => Kind::FrameHeat,
            Payload::TableLink { .. } => Kind::TableLink,
            Payload::TableUnlink { .. } => Kind::TableUnlink,
            Payload::ProcessState { .. } => Kind::ProcessState,
            Payload::ArenaOpen { .. } => Kind::ArenaOpen,
            Payload::ArenaClose { .. } => Kind::ArenaClose,
            Payload::PieceAllocate { .. } => Kind::PieceAllocate,
            Payload::PieceFree { .. } => Kind::PieceFree,
        }
    }

    /// The words of the event that this is, see [`Event::to_words`].
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
            Payload::Region { start, bytes, kind } => (kind as u8, 0, start.as_u64(), bytes),
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
            Payload::FrameRefuse { run, tag } => {
                let ceiling = run.ceiling.map_or(0, PhysAddr::as_u64);
                let align = u64::from(run.align_frames.trailing_zeros());
                (
                    tag.owners(),
                    tag.attributes(),
                    ceiling,
                    run.frames | align << RUN_BITS,
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
            Payload::WindowOpen {
                start,
                bytes,
                policy,
                owner,
            }
            | Payload::WindowClose {
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
            Payload::PieceAllocate {
                block,
                bytes,
                requested,
                owner,
            }
            | Payload::PieceFree {
                block,
                bytes,
                requested,
                owner,
            } => (owner.owners(), 0, block.as_u64(), pack(bytes, requested)),
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

    fn from_raw(raw: Raw) -> Result<Payload, DecodeError> {
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
        let policy = || WindowPolicy::from_number(flags).ok_or(DecodeError::Flags(flags));
        let around = || u8::try_from(value >> 32).map_err(|_| DecodeError::Value(value));
        let frame_tag = Tag::from_bytes(tag, flags);
        let owner = Tag::from_bytes(tag, 0);
        let (high, low) = ((value >> 32) as u32, value as u32);

        let kind = Kind::from_number(kind).ok_or(DecodeError::Kind(kind))?;
        Ok(match kind {
            Kind::Region => Payload::Region {
                start: physical(address)?,
                bytes: value,
                kind: RegionKind::from_number(tag).ok_or(DecodeError::Tag(tag))?,
            },
            Kind::FrameAllocate => Payload::FrameAllocate {
                first: physical(address)?,
                frames: value,
                tag: frame_tag,
            },
            Kind::FrameFree => Payload::FrameFree {
                first: physical(address)?,
                frames: value,
                tag: frame_tag,
            },
            Kind::FrameReference => Payload::FrameReference {
                frame: physical(address)?,
                from: high,
                to: low,
                tag: frame_tag,
            },
            Kind::FrameRetag => Payload::FrameRetag {
                first: physical(address)?,
                frames: high,
                from: Tag::from_bits_truncate((low >> 16) as u16),
                to: Tag::from_bits_truncate(low as u16),
            },
            Kind::FrameRefuse => {
                let align = (value >> RUN_BITS) as u32;
                let align_frames = 1u64.checked_shl(align).ok_or(DecodeError::Value(value))?;
                Payload::FrameRefuse {
                    run: Run {
                        frames: value & ((1 << RUN_BITS) - 1),
                        align_frames,
                        ceiling: Some(physical(address)?).filter(|end| !end.is_null()),
                    },
                    tag: frame_tag,
                }
            }
            Kind::Map => Payload::Map {
                page: virtual_(address)?,
                frame: physical(value)?,
                size: size()?,
                access: access(flags)?,
            },
            Kind::Unmap => Payload::Unmap {
                page: virtual_(address)?,
                frame: physical(value)?,
                size: size()?,
                access: access(flags)?,
            },
            Kind::Protect => Payload::Protect {
                page: virtual_(address)?,
                size: size()?,
                from: access(high as u8)?,
                to: access(low as u8)?,
            },
            Kind::WindowOpen => Payload::WindowOpen {
                start: virtual_(address)?,
                bytes: value,
                policy: policy()?,
                owner,
            },
            Kind::WindowClose => Payload::WindowClose {
                start: virtual_(address)?,
                bytes: value,
                policy: policy()?,
                owner,
            },
            Kind::FaultBegin => Payload::FaultBegin {
                address: virtual_(address)?,
                instruction: virtual_(value)?,
                code: ErrorCode::from_bits(flags).ok_or(DecodeError::Flags(flags))?,
                cause: cause()?,
            },
            Kind::FaultEnd => Payload::FaultEnd {
                address: virtual_(address)?,
                nanoseconds: value,
                cause: cause()?,
                outcome: FaultOutcome::from_number(flags).ok_or(DecodeError::Flags(flags))?,
            },
            Kind::HeapGrow => Payload::HeapGrow {
                start: virtual_(address)?,
                bytes: value,
            },
            Kind::HeapShrink => Payload::HeapShrink {
                start: virtual_(address)?,
                bytes: value,
            },
            Kind::HeapAllocate => Payload::HeapAllocate {
                block: virtual_(address)?,
                order: flags,
                from: around()?,
                requested: low,
                owner,
            },
            Kind::HeapFree => Payload::HeapFree {
                block: virtual_(address)?,
                order: flags,
                into: around()?,
                requested: low,
                owner,
            },
            Kind::HeapRefuse => Payload::HeapRefuse {
                heap: virtual_(address)?,
                requested: value,
                owner,
            },
            Kind::ArenaOpen => Payload::ArenaOpen {
                start: virtual_(address)?,
                chunks: flags,
                strategy: strategy()?,
            },
            Kind::ArenaClose => Payload::ArenaClose {
                start: virtual_(address)?,
                chunks: flags,
                strategy: strategy()?,
                served: (high >> 16) as u16,
                refused: high as u16,
                splits: (low >> 16) as u16,
                merges: low as u16,
            },
            Kind::PieceAllocate => Payload::PieceAllocate {
                block: virtual_(address)?,
                bytes: high,
                requested: low,
                owner,
            },
            Kind::PieceFree => Payload::PieceFree {
                block: virtual_(address)?,
                bytes: high,
                requested: low,
                owner,
            },
            Kind::Caption => Payload::Caption {
                number: low,
                previous: high,
            },
            Kind::SpaceSwitch => Payload::SpaceSwitch {
                number: low,
                previous: high,
            },
            Kind::ProcessStart => Payload::ProcessStart {
                number: low,
                parent: high,
                program: flags,
                started: address,
            },
            Kind::ProcessEnd => Payload::ProcessEnd {
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
            },
            Kind::ProcessState => Payload::ProcessState {
                number: u32::try_from(value).map_err(|_| DecodeError::Value(value))?,
                from: ProcessState::from_number(tag).ok_or(DecodeError::Tag(tag))?,
                to: ProcessState::from_number(flags).ok_or(DecodeError::Flags(flags))?,
            },
            Kind::TableLink => Payload::TableLink {
                table: physical(value)?,
                base: virtual_(address)?,
                level: level()?,
                access: access(flags)?,
            },
            Kind::TableUnlink => Payload::TableUnlink {
                table: physical(value)?,
                base: virtual_(address)?,
                level: level()?,
                access: access(flags)?,
            },
            Kind::FrameHeat => Payload::FrameHeat {
                first: physical(address)?,
                frames: u32::try_from(value).map_err(|_| DecodeError::Value(value))?,
                from: Level::new(tag).ok_or(DecodeError::Tag(tag))?,
                to: Level::new(flags).ok_or(DecodeError::Flags(flags))?,
            },
        })
    }
}

/// The low bits of a process's end that count its page faults.
const FAULT_BITS: u32 = 24;
const FAULT_MASK: u64 = (1 << FAULT_BITS) - 1;

/// Two halves of a value, the first one high.
const fn pack(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

#[cfg(test)]
mod tests;
