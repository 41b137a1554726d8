//! The table of events: one entry for each, from which its kind, payload, encoding, decoding and
//! words follow.
//!
//! # How to read an entry
//! ```text
//! /// What happened: the doc comment of the payload.       the comment of Payload::FrameFree
//! 3 FrameFree "frame free" about Frames(first, frames) {   number, name, name in text, subject
//!     first: PhysAddr => Address,                          field: type => slot (slots.rs)
//!     frames: u64 => Value,
//!     tag: Tag => Details,
//! }
//! says " {first:#x}{} {}", Times(frames), TagWords(tag);   the rest of its line in the history
//! ```
//! To add an event, add an entry with the next number, and compile: the compiler names the places
//! in memviz that must decide what the event changes. CONTRIBUTING.md has an example.
//!
//! Invariants: a number is never used for another event. The slots of an entry do not overlap. An
//! event carries the data that undoes it: a free names the freed memory, a change has both values.

use super::define::{event_table, first};
#[cfg(test)]
use super::edges::{Any, Fit};
use super::slots::{
    Address, AddressAndValue, AddressHigh40, AddressLow24, AddressLow40, DecodeError, Details,
    FlagsByte, High, Low, Raw, Slot, TagByte, Value, Value0, Value16, Value32, Value48,
};
use super::subject::{Subject, Topic};
use super::words::{Allowed, Change, FourBytes, Granules, Large, Overwritten, Process, Times};
use crate::units::{Bytes, Count, Nanoseconds};
use crate::vocabulary::byte_enum::byte_enum;
use crate::vocabulary::corruption::CorruptionKind;
use crate::vocabulary::faults::{ErrorCode, FaultCause, FaultOutcome};
use crate::vocabulary::frames::FRAME_BYTES;
use crate::vocabulary::level::Level;
use crate::vocabulary::memory_kind::MemoryKind;
use crate::vocabulary::mismatch::MismatchKind;
use crate::vocabulary::pages::{Access, PageSize, RegionPolicy, TableLevel};
use crate::vocabulary::process::ProcessState;
use crate::vocabulary::request::RequestKind;
use crate::vocabulary::run::PackedRun;
use crate::vocabulary::strategy::Strategy;
use crate::vocabulary::tag::{Tag, TagWords};
use core::fmt;
use x86_64::{PhysAddr, VirtAddr};

event_table! {
    /// The memory map has this region. `start` and `bytes` are multiples of 4096.
    1 FirmwareRegion "firmware region" {
        start: PhysAddr => Address,
        bytes: u64 => Value,
        kind: MemoryKind => TagByte,
    }
    says " {start:#x} {} {}", Bytes(bytes), kind.words();

    /// Free frames got an owner and a reference count of 1.
    2 FrameAllocate "frame allocate" about Frames(first, frames) {
        first: PhysAddr => Address,
        frames: u64 => Value,
        tag: Tag => Details,
    }
    says " {first:#x}{} {}", Times(frames), TagWords(tag);

    /// Frames with this tag and a reference count of 1 became free.
    3 FrameFree "frame free" about Frames(first, frames) {
        first: PhysAddr => Address,
        frames: u64 => Value,
        tag: Tag => Details,
    }
    says " {first:#x}{} {}", Times(frames), TagWords(tag);

    /// The reference count of an allocated frame changed; neither value is 0.
    4 FrameReference "frame reference" about Frames(frame, 1) {
        frame: PhysAddr => Address,
        from: u32 => High,
        to: u32 => Low,
        tag: Tag => Details,
    }
    says " {frame:#x} {from} → {to} {}", TagWords(tag);

    /// Allocated frames changed their tag.
    5 FrameRetag "frame retag" about Frames(first, frames.into()) {
        first: PhysAddr => Address,
        frames: u32 => High,
        from: Tag => Value16,
        to: Tag => Details,
    }
    says " {first:#x}{} {} → {}", Times(frames.into()), TagWords(from), TagWords(to);

    /// The allocator refused a request for one frame or for a run.
    6 FrameRefuse "frame refuse" {
        refused: PackedRun => AddressAndValue,
        tag: Tag => Details,
    }
    says " {} frames for {}", Count(refused.run().frames), TagWords(tag);

    /// A page was mapped where none was.
    7 Map "map" about Frames(frame, size.bytes() / FRAME_BYTES) {
        page: VirtAddr => Address,
        frame: PhysAddr => Value,
        size: PageSize => TagByte,
        access: Access => FlagsByte,
    }
    says " {page:#x} → {frame:#x}{} {}", Large(size), Allowed(access);

    /// A page was unmapped.
    8 Unmap "unmap" about Frames(frame, size.bytes() / FRAME_BYTES) {
        page: VirtAddr => Address,
        frame: PhysAddr => Value,
        size: PageSize => TagByte,
        access: Access => FlagsByte,
    }
    says " {page:#x} → {frame:#x}{} {}", Large(size), Allowed(access);

    /// The access rights of a mapped page changed.
    9 Protect "protect" {
        page: VirtAddr => Address,
        size: PageSize => TagByte,
        from: Access => High,
        to: Access => FlagsByte,
    }
    says " {page:#x}{} {} → {}", Large(size), Allowed(from), Allowed(to);

    /// A memory region opened: this range of virtual addresses has this policy. The owner of a
    /// guard is that of the memory next to it.
    10 RegionOpen "region open" {
        start: VirtAddr => Address,
        bytes: u64 => Value,
        policy: RegionPolicy => FlagsByte,
        owner: Tag => TagByte,
    }
    says " {start:#x} {} {} {}", Bytes(bytes), policy.words(), TagWords(owner);

    /// A memory region closed: the range has no policy any more.
    11 RegionClose "region close" {
        start: VirtAddr => Address,
        bytes: u64 => Value,
        policy: RegionPolicy => FlagsByte,
        owner: Tag => TagByte,
    }
    says " {start:#x} {} {} {}", Bytes(bytes), policy.words(), TagWords(owner);

    /// The instruction at `instruction` caused a page fault by an access to `address`.
    12 FaultBegin "fault begin" {
        address: VirtAddr => Address,
        instruction: VirtAddr => Value,
        code: ErrorCode => FlagsByte,
        cause: FaultCause => TagByte,
    }
    says " {address:#x} {}", cause.words();

    /// The handler finished a page fault, after this many nanoseconds.
    13 FaultEnd "fault end" {
        address: VirtAddr => Address,
        nanoseconds: u64 => Value,
        cause: FaultCause => TagByte,
        outcome: FaultOutcome => FlagsByte,
    }
    says " {address:#x} {} after {}", outcome.words(), Nanoseconds(nanoseconds);

    /// The heap grew at its end by chunks that are backed by frames.
    14 HeapGrow "heap grow" {
        start: VirtAddr => Address,
        bytes: u64 => Value,
    }
    says " {start:#x} {}", Bytes(bytes);

    /// The heap shrank at its end by chunks.
    15 HeapShrink "heap shrink" {
        start: VirtAddr => Address,
        bytes: u64 => Value,
    }
    says " {start:#x} {}", Bytes(bytes);

    /// An allocation of this many granules was split off the free blocks of a heap, for `requested`
    /// bytes. The free block with its last block had order `from`: see
    /// [`splits`](crate::heap::splits).
    16 HeapAllocate "heap allocate" about Allocation(block) {
        block: VirtAddr => Address,
        granules: u16 => High,
        from: u8 => FlagsByte,
        requested: u32 => Low,
        owner: Tag => TagByte,
    }
    says " {block:#x} {} for {} {}{}", Granules(granules), Bytes(requested.into()), TagWords(owner),
        Change { verb: "split from", granules, larger: from };

    /// A live allocation was freed past the cache. Its last block merged with free buddies into a
    /// block of order `into`.
    17 HeapFree "heap free" about Allocation(block) {
        block: VirtAddr => Address,
        granules: u16 => High,
        into: u8 => FlagsByte,
        requested: u32 => Low,
        owner: Tag => TagByte,
    }
    says " {block:#x} {} for {} {}{}", Granules(granules), Bytes(requested.into()), TagWords(owner),
        Change { verb: "merged to", granules, larger: into };

    /// The heap or arena that begins at `heap` refused a request.
    18 HeapRefuse "heap refuse" {
        heap: VirtAddr => Address,
        requested: u64 => Value,
        owner: Tag => TagByte,
    }
    says " {} for {}", Bytes(requested), TagWords(owner);

    /// A lesson shows the caption with this number. The screen shows its words below the history.
    19 Caption "caption" {
        number: u32 => Low,
        previous: u32 => High,
    }
    says "";

    /// The CPU switched to the address space of this process; 0 is the kernel, which maps nothing
    /// in the lower half. Later events about the lower half, about faults of ring 3, and about
    /// tables of the highest level belong to this space.
    20 SpaceSwitch "space switch" {
        number: u32 => Low,
        previous: u32 => High,
    }
    says " {} → {}", Process(previous), Process(number);

    /// A process started to run a program, `started` milliseconds after boot, and is ready. Its
    /// parent is 0 if the kernel started it.
    21 ProcessStart "process start" {
        number: u32 => Low,
        parent: u32 => High,
        program: u8 => FlagsByte,
        started: u64 => AddressLow40,
    }
    says " {number}, child of {}", Process(parent);

    /// An ended process has returned all its memory. It had this many page faults, modulo
    /// [`FAULT_COUNTS`](crate::event::FAULT_COUNTS).
    22 ProcessEnd "process end" {
        number: u32 => Low,
        parent: u32 => High,
        program: u8 => FlagsByte,
        started: u64 => AddressHigh40,
        faults: u32 => AddressLow24,
        by_fault: bool => TagByte,
    }
    says " {number}{}", if by_fault { " by a fault" } else { "" };

    /// Frames with the same heat became warmer or colder: see [`heat`](crate::heat).
    23 FrameHeat "frame heat" {
        first: PhysAddr => Address,
        frames: u32 => Value,
        from: Level => TagByte,
        to: Level => FlagsByte,
    }
    says " {first:#x}{} {} → {}", Times(frames.into()), from.number(), to.number();

    /// A page table was linked into another one; the root is linked by CR3, for the address space
    /// of [`Payload::SpaceSwitch`]. `base` is the first address that the table maps, 0 for the
    /// root. `access` is what the entry allows for everything below it.
    24 TableLink "table link" about Frames(table, 1) {
        table: PhysAddr => Value,
        base: VirtAddr => Address,
        level: TableLevel => TagByte,
        access: Access => FlagsByte,
    }
    says " {} {base:#x} → {table:#x}", level.words();

    /// An empty page table was unlinked.
    25 TableUnlink "table unlink" about Frames(table, 1) {
        table: PhysAddr => Value,
        base: VirtAddr => Address,
        level: TableLevel => TagByte,
        access: Access => FlagsByte,
    }
    says " {} {base:#x} → {table:#x}", level.words();

    /// The state of a process changed.
    26 ProcessState "process state" {
        number: u32 => Value,
        from: ProcessState => TagByte,
        to: ProcessState => FlagsByte,
    }
    says " {number} {} → {}", from.words(), to.words();

    /// An arena of `chunks` MiB opened: a heap that the dashboard shows beside the kernel heap. It
    /// consists only of addresses: no frames back them. `requests` of the workload with this
    /// checksum will come; both are 0 if they are not known.
    27 ArenaOpen "arena open" {
        start: VirtAddr => Address,
        workload: u32 => High,
        requests: u32 => Low,
        chunks: u8 => FlagsByte,
        strategy: Strategy => TagByte,
    }
    says " {start:#x} {}", strategy.words();

    /// An empty arena closed. The counts are those of its requests, splits and merges.
    28 ArenaClose "arena close" {
        start: VirtAddr => Address,
        chunks: u8 => FlagsByte,
        strategy: Strategy => TagByte,
        served: u16 => Value48,
        refused: u16 => Value32,
        splits: u16 => Value16,
        merges: u16 => Value0,
    }
    says " {start:#x} {}", strategy.words();

    /// A block of `bytes` bytes was cut off a free block of an arena without orders, for
    /// `requested` bytes.
    29 ArenaAllocate "arena allocate" {
        block: VirtAddr => Address,
        bytes: u32 => High,
        requested: u32 => Low,
        owner: Tag => TagByte,
    }
    says " {block:#x} {} for {} {}", Bytes(bytes.into()), Bytes(requested.into()), TagWords(owner);

    /// A block of an arena without orders was freed and merged with the free blocks beside it.
    30 ArenaFree "arena free" {
        block: VirtAddr => Address,
        bytes: u32 => High,
        requested: u32 => Low,
        owner: Tag => TagByte,
    }
    says " {block:#x} {} for {} {}", Bytes(bytes.into()), Bytes(requested.into()), TagWords(owner);

    /// An allocation was freed by its owner and waits in the quarantine, poisoned. The heap frees
    /// its blocks later.
    31 HeapQuarantine "heap quarantine" about Allocation(block) {
        block: VirtAddr => Address,
        bytes: u32 => Value,
        owner: Tag => TagByte,
    }
    says " {} of {} at {block:#x}", Bytes(bytes.into()), TagWords(owner);

    /// A heap corruption was detected in the allocation that begins at `address`, or at that
    /// address if none begins there. Of the bytes that were overwritten, the first has index
    /// `first`: from the end of the requested bytes, or from the start of the freed allocation.
    32 Corruption "corruption" about Allocation(address) {
        address: VirtAddr => Address,
        kind: CorruptionKind => TagByte,
        first: u32 => High,
        count: u32 => Low,
    }
    says " {}{} of {address:#x}", kind.words(), Overwritten { kind, first, count };

    /// A live allocation was freed into the heap's cache: its blocks wait, unmerged, for the next
    /// request of their size.
    33 HeapCache "heap cache" about Allocation(block) {
        block: VirtAddr => Address,
        granules: u16 => High,
        requested: u32 => Low,
        owner: Tag => TagByte,
    }
    says " {block:#x} {} for {} {}", Granules(granules), Bytes(requested.into()), TagWords(owner);

    /// A cached allocation became live again, for `requested` bytes.
    34 HeapReuse "heap reuse" about Allocation(block) {
        block: VirtAddr => Address,
        granules: u16 => High,
        requested: u32 => Low,
        owner: Tag => TagByte,
    }
    says " {block:#x} {} for {} {}", Granules(granules), Bytes(requested.into()), TagWords(owner);

    /// The cache returned an allocation to the free blocks. Its last block merged with free buddies
    /// into a block of order `into`.
    35 HeapReturn "heap return" about Allocation(block) {
        block: VirtAddr => Address,
        granules: u16 => High,
        into: u8 => FlagsByte,
    }
    says " {block:#x} {}{}", Granules(granules), Change { verb: "merged to", granules, larger: into };

    /// The kernel read four watched bytes, at a multiple of four; the byte at the lowest address is
    /// in the lowest bits. Bytes are known while they are watched: the first event about them has
    /// `was_known` false and `from` 0, the last one has `is_known` false and `to` 0.
    36 WatchedBytes "watched bytes" {
        address: VirtAddr => Address,
        from: u32 => High,
        to: u32 => Low,
        was_known: bool => TagByte,
        is_known: bool => FlagsByte,
    }
    says " {address:#x} {} → {}", FourBytes(was_known, from), FourBytes(is_known, to);

    /// The entry of a page names this swap slot, which holds its content: the page has no frame.
    /// `forked` if the entry is a copy for a child process.
    37 PageOut "page out" {
        page: VirtAddr => Address,
        slot: u32 => Low,
        forked: bool => TagByte,
    }
    says " {page:#x} → slot {slot}{}", if forked { " of the parent" } else { "" };

    /// The entry of a page does not name its swap slot any more: the content was read back, or
    /// `dropped` with the page.
    38 PageIn "page in" {
        page: VirtAddr => Address,
        slot: u32 => Low,
        dropped: bool => TagByte,
    }
    says " {page:#x} ← slot {slot}{}", if dropped { ", dropped" } else { "" };

    /// A free swap slot got a page and one user. The page is stored in this many bytes.
    39 SlotAllocate "slot allocate" {
        slot: u32 => Low,
        bytes: u16 => Value32,
    }
    says " {slot}, {}", Bytes(bytes.into());

    /// The number of users of a swap slot changed; neither value is 0.
    40 SlotReference "slot reference" {
        slot: u32 => Low,
        from: u16 => Value32,
        to: u16 => Value48,
    }
    says " {slot} {from} → {to}";

    /// A swap slot with one user and a page of this many bytes became free.
    41 SlotFree "slot free" {
        slot: u32 => Low,
        bytes: u16 => Value32,
    }
    says " {slot}, {}", Bytes(bytes.into());

    /// A process starts to replay a reference string with at most this many frames, by the policy
    /// with this number in [`POLICIES`](crate::reclaim::POLICIES). Page 0 is at `start`.
    42 ReplayStart "replay start" {
        start: VirtAddr => Address,
        process: u32 => Low,
        frames: u16 => Value32,
        policy: u8 => TagByte,
    }
    says " by process {process}, {frames} frames";

    /// A replay made a reference to a page, which is in this frame of its resident set. `next` is
    /// the frame whose page the policy looks at first, the largest number if that is not known.
    /// `accessed` are the accessed bits of the first frames.
    43 PageReference "page reference" {
        page: u32 => Low,
        accessed: u32 => High,
        frame: u16 => AddressLow24,
        next: u16 => AddressHigh40,
        write: bool => TagByte,
        fault: bool => FlagsByte,
    }
    says " {page}{}: {}", if write { ", write" } else { "" }, if fault { "fault" } else { "hit" };

    /// A workload made its request `number`, from 1, to the arena that begins at `arena` times
    /// 16 MiB. The strategy took `ticks` of the time-stamp counter. `detail` is, of a free: the
    /// requests since the block was allocated; of a refusal: the largest free block in units of
    /// 16 B; otherwise the requested bytes. `size` is the binary logarithm of the freed block's
    /// requested bytes.
    44 ArenaRequest "arena request" {
        arena: u64 => AddressHigh40,
        ticks: u32 => AddressLow24,
        number: u32 => High,
        detail: u32 => Low,
        kind: RequestKind => TagByte,
        size: u8 => FlagsByte,
    }
    says " {number}: {}", kind.words();

    /// The mean cost of a request in an arena changed: ticks of the time-stamp counter for a free
    /// and an allocation. It is 0 when the arena opens and when it closes.
    45 ArenaCost "arena cost" {
        start: VirtAddr => Address,
        from: u32 => High,
        to: u32 => Low,
    }
    says " {start:#x} {} → {}", Count(from.into()), Count(to.into());

    /// All live allocations of the heap were marked as old: a leak report lists later ones. This
    /// many were live.
    46 HeapMark "heap mark" {
        live: u64 => Value,
    }
    says " {} live", Count(live);

    /// The comparison with the machine found a difference, at a physical address if it is about a
    /// frame, otherwise at a virtual one. `picture` and `machine` are numbers for the kind: see
    /// [`MismatchKind`]. `on_purpose` if an event that never happened caused it.
    47 Mismatch "mismatch" {
        place: u64 => Address,
        picture: u32 => High,
        machine: u32 => Low,
        kind: MismatchKind => TagByte,
        on_purpose: bool => FlagsByte,
    }
    says " {place:#x} {}", kind.words();

    /// A whole comparison found no difference any more. The last one was at `place`.
    48 MismatchEnd "mismatch end" {
        place: u64 => Address,
        kind: MismatchKind => TagByte,
    }
    says " {place:#x} {}", kind.words();

    /// The kernel measured the working sets of all processes. Events of them follow. Pages that can
    /// leave have this many frames in all: theirs, and those that processes can still get.
    49 WorkingSets "working sets" {
        frames: u64 => Value,
    }
    says " {} frames for pages of processes", Count(frames);

    /// The working set of a process: since the measurement before, it used this many pages, and ran
    /// for so many nanoseconds. So many pages that can leave are resident; at most `limit`, if that
    /// is not 0.
    50 WorkingSet "working set" {
        process: u32 => Low,
        nanoseconds: u32 => High,
        used: u32 => AddressLow24,
        resident: u64 => AddressHigh40,
        limit: u16 => Details,
    }
    says " of process {process}: {} used, {} resident", Count(used.into()), Count(resident);

    /// The search for a page that can leave passed so many pages of a process, from `first` on.
    /// `spared` of them were used since the search passed them before; their marks are cleared.
    51 ReclaimScan "reclaim scan" {
        first: VirtAddr => Address,
        process: u32 => Low,
        passed: u32 => High,
        spared: u16 => Details,
    }
    says " of process {process} from {first:#x}: {} passed, {} spared", Count(passed.into()), Count(spared.into());
}
