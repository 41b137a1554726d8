//! `memstat`, `heap`: figures of the allocators, from their own counts.

use super::answer::say;
use super::command::{Command, cell, none};
use crate::memory::heap::kernel_heap;
use crate::memory::map::firmware_map;
use crate::memory::physical::frames;
use crate::memory::trace::RING;
use memviz::graphics::theme::Theme;
use mm::event::Kind;
use mm::heap::Order;
use mm::memory_map::MemoryKind;
use mm::units::Bytes;
use mm::units::{Count, Percent};

pub const MEMSTAT: Command = Command {
    name: "memstat",
    arguments: "",
    summary: "prints memory map, frames by owner, heap, metadata, events",
    run: |_, _, arguments| {
        none(arguments)?;
        for &kind in MemoryKind::ALL {
            let of_kind = firmware_map().iter().filter(|region| region.kind == kind);
            let bytes: u64 = of_kind.map(|region| region.bytes).sum();
            if bytes > 0 {
                say!("  {:<24} {:>10}", kind.words(), Bytes(bytes));
            }
        }
        frame_figures();
        heap_figures();
        let frees = RING.total(Kind::FrameFree);
        say!(
            "events: {} recorded, of these {} frame allocations and {} frees",
            Count(RING.recorded()),
            Count(RING.total(Kind::FrameAllocate)),
            Count(frees)
        );
        Ok(())
    },
};

fn frame_figures() {
    let frames = frames::lock().statistics();
    let (free, largest) = frames::lock().free_stretches();
    let share = |part| Percent {
        part,
        whole: frames.total,
    };
    say!("frames of 4 KiB: {} usable", Count(frames.total));
    let lines = [
        ("used", frames.used),
        ("free", frames.free),
        ("pinned", frames.pinned),
        ("shared", frames.shared),
    ];
    for (name, count) in lines {
        say!(
            "  {name:<12} {:>10} {:>10} {:>8}",
            cell(Count(count)),
            Bytes(count * frames::FRAME),
            cell(share(count))
        );
    }
    say!(
        "  {} free runs, the longest of {} frames; {} requests refused since boot",
        Count(free),
        Count(largest),
        Count(frames.refused)
    );
    for (number, &count) in frames
        .owners
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
    {
        let owner = Theme::ALL[0].owner(number).words;
        say!(
            "  {owner:<12} {:>10} {:>10} {:>8}",
            cell(Count(count)),
            Bytes(count * frames::FRAME),
            cell(share(count))
        );
    }
    say!(
        "  metadata {}, {} of usable memory",
        Bytes(frames.metadata_bytes),
        Percent {
            part: frames.metadata_bytes,
            whole: frames.total * frames::FRAME
        }
    );
}

pub const HEAP: Command = Command {
    name: "heap",
    arguments: "",
    summary: "prints the buddy heap: live and free blocks of each order",
    run: |_, _, arguments| {
        none(arguments)?;
        heap_figures();
        let heap = kernel_heap::lock().statistics();
        let space = heap.free_space();
        say!("  order     block       live       free  unusable");
        for (at, order) in Order::all().enumerate() {
            say!(
                "  {:>5}  {:>8} {:>10} {:>10} {:>9}",
                order.number(),
                Bytes(order.bytes()),
                cell(Count(heap.live[at].into())),
                cell(Count(heap.free[at].into())),
                cell(space.unusable(order))
            );
        }
        say!(
            "unusable: the share of the free bytes in blocks that are too small for a request of that size"
        );
        say!(
            "external fragmentation {}: 1 - largest free block / free bytes, with at most 1 MiB of free bytes counted",
            space.external()
        );
        Ok(())
    },
};

fn heap_figures() {
    let start = kernel_heap::lock().start();
    let heap = kernel_heap::lock().statistics();
    say!(
        "heap at {start:#x}: {} of at most {}",
        Bytes(heap.committed_bytes),
        Bytes(heap.maximum_bytes)
    );
    let live: u32 = heap.live.iter().sum();
    say!(
        "  live {} in {} blocks, requested {} ({})",
        Bytes(heap.live_bytes),
        Count(live.into()),
        Bytes(heap.requested_bytes),
        Percent {
            part: heap.requested_bytes,
            whole: heap.live_bytes
        }
    );
    let largest = heap.largest_free().map_or(0, Order::bytes);
    say!(
        "  free {}, cached {}, the largest block {}; {} requests refused since boot; metadata {}",
        Bytes(heap.free_bytes()),
        Bytes(heap.cached_bytes),
        Bytes(largest),
        Count(heap.refused),
        Bytes(heap.metadata_bytes)
    );
}
