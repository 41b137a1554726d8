//! What each kind of event says, in types.

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

/// What happened, typed. Undoing reads "free" for "allocate", "to" for "from", and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each variant's sentence says what its fields are"
)]
pub enum Payload {
    /// The memory map has this region. `start` and `bytes` are multiples of 4096.
    FirmwareRegion {
        start: PhysAddr,
        bytes: u64,
        kind: MemoryKind,
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
    /// No such run could be had; of one frame, or of more.
    FrameRefuse { refused: PackedRun, tag: Tag },
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
    /// An entry of a page table leads to this table from now on; for the highest level it is CR3
    /// that does, for the address space of [`Payload::SpaceSwitch`]. `base` is the first
    /// address that the table maps, 0 for the highest level; `access` is what the entry allows
    /// to all that is below it.
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
    RegionOpen {
        start: VirtAddr,
        bytes: u64,
        policy: RegionPolicy,
        owner: Tag,
    },
    /// The range has no policy any more.
    RegionClose {
        start: VirtAddr,
        bytes: u64,
        policy: RegionPolicy,
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
    /// A block of this order got an owner, who had asked for `requested` bytes. Until then it lay
    /// in a free block of order `from`, which was halved until this one was left: the other
    /// halves are free.
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
    /// From now on these addresses, `chunks` MiB, are an arena of their own: a heap that is shown
    /// beside the heap, for a race. What its blocks go by is the strategy; nothing lies behind
    /// them.
    ArenaOpen {
        start: VirtAddr,
        chunks: u8,
        strategy: Strategy,
    },
    /// The arena is empty, and no longer there. While it was, so many requests were served and
    /// refused, and so many blocks split and merged.
    ArenaClose {
        start: VirtAddr,
        chunks: u8,
        strategy: Strategy,
        served: u16,
        refused: u16,
        splits: u16,
        merges: u16,
    },
    /// In an arena without orders, `bytes` bytes were cut off a free piece for somebody who had
    /// asked for `requested`.
    ArenaAllocate {
        block: VirtAddr,
        bytes: u32,
        requested: u32,
        owner: Tag,
    },
    /// They became free, and one piece with what is free beside them.
    ArenaFree {
        block: VirtAddr,
        bytes: u32,
        requested: u32,
        owner: Tag,
    },
    /// An allocation of so many bytes was given back by its owner. It waits in the quarantine,
    /// poisoned: nobody gets it before the heap frees its blocks.
    HeapQuarantine {
        block: VirtAddr,
        bytes: u32,
        owner: Tag,
    },
    /// Somebody was caught: at the allocation that begins there, or at that address where none
    /// does. Of bytes that were written, `count` from byte `first` on: behind the end of what
    /// was asked for, or inside what was given back.
    Corruption {
        address: VirtAddr,
        kind: CorruptionKind,
        first: u32,
        count: u32,
    },
    /// The script says what is going on: a caption by its number. `previous` undoes it.
    Caption { number: u32, previous: u32 },
    /// What follows in the lower half (mappings, tables, regions, faults), faults of ring 3, and
    /// tables of the highest level belong to the address space of this process; 0 is the
    /// kernel, which has nothing in the lower half.
    SpaceSwitch { number: u32, previous: u32 },
    /// A process began to run a program, by the program's number, `started` milliseconds after boot
    /// (modulo 2^40). Its parent is 0 if the kernel started it. It is ready.
    ProcessStart {
        number: u32,
        parent: u32,
        program: u8,
        started: u64,
    },
    /// A process that has ended ([`ProcessState`]), by itself or for a fault, has given back all it
    /// had. It had so many page faults, modulo 2^24.
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
