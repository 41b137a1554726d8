//! The buddy heap: blocks split into buddies, and buddies merge again.

use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::lessons::{Lesson, Outcome, fact, step};
use crate::memory::heap::kernel_heap;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::heap::{CHUNK_BYTES, Order};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// What is asked for.
const BYTES: usize = 3 << 10;
/// What it gets.
const BLOCK: u64 = 4096;

pub const LESSON: Lesson = Lesson {
    name: "buddy",
    title: "The buddy heap",
    steps: &[
        step("One free block of {chunk} is left, at {start}. All smaller ones are taken, so that we see what becomes of this one.")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("start"))
            .acts(|stage| {
                // The heap grows by a chunk, which is free then.
                let chunk = stage.take_block(CHUNK_BYTES as usize, Tag::KERNEL)?;
                fill_small(stage)?;
                let at = stage.blocks.iter().position(|block| block == &chunk);
                stage.free_block(at.ok_or("the chunk is not in the list")?);
                stage.address("start", chunk.address);
                Ok(())
            })
            .holds(|_| free_blocks_are(&[Order::LARGEST])),
        step("A block of {block-bytes}. {chunk} is halved {splits} times; each time one half, a buddy, stays free: 512 KiB, 256 KiB, … 4 KiB.")
            .asks("Somebody wants {bytes} bytes. What will he get, and what becomes of the rest?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first"))
            .acts(|stage| {
                let block = stage.take_block(BYTES, Tag::CACHE)?;
                stage.address("first", block.address);
                stage.bytes("block-bytes", block.bytes);
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("block-bytes") == BLOCK, "a block of {} B", stage.get("block-bytes"));
                let left: heapless::Vec<Order, 8> = Order::all().skip(6).take(8).collect();
                free_blocks_are(&left)
            }),
        step("None: the buddy of the first block, at {second}, is free and fits.")
            .asks("Somebody else wants {bytes} bytes as well. How many blocks must be halved for him?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("second"))
            .acts(|stage| {
                let block = stage.take_block(BYTES, Tag::DEVICE)?;
                stage.address("second", block.address);
                Ok(())
            })
            .holds(|_| {
                let left: heapless::Vec<Order, 8> = Order::all().skip(7).take(7).collect();
                free_blocks_are(&left)
            }),
        step("By flipping one bit: {first} XOR 4 KiB is {second}. No search, no list: that is why blocks are powers of two.")
            .asks("When a block comes back, the allocator must find its buddy at once. How?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("second"))
            .holds(|stage| {
                let (first, second) = (stage.get("first"), stage.get("second"));
                fact!(first ^ second == BLOCK, "{first:#x} and {second:#x} are no buddies");
                Ok(())
            }),
        step("{waste} of each block: {bytes} bytes were asked for, 4,096 are taken. This is internal waste, the price of powers of two.")
            .asks("Somebody asked for {bytes} bytes, and has a block of {block-bytes}. What part of it is wasted?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first"))
            .acts(|stage| {
                let part = BLOCK - BYTES as u64;
                stage.note("waste", Note::Percent { part, whole: BLOCK });
                Ok(())
            })
            .holds(|stage| {
                let mut taken = stage.blocks.iter().rev().take(2);
                let fits = taken.all(|block| (block.requested, block.bytes) == (BYTES as u64, BLOCK));
                fact!(fits, "the blocks are not of {BLOCK} B for {BYTES} B");
                Ok(())
            }),
        step("No: its buddy is in use. Only buddies merge, and only when both are free; other free neighbours do not.")
            .asks("The first block comes back. Will it merge with a neighbour?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first"))
            .acts(|stage| give_back(stage, "first"))
            .holds(|_| {
                let left: heapless::Vec<Order, 8> = Order::all().skip(6).take(8).collect();
                free_blocks_are(&left)
            }),
        step("All of it: both buddies are free and merge, then the larger one with its buddy, {splits} times: one block of {chunk} again.")
            .asks("The second one comes back, too. How far will merging go?")
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("start"))
            .acts(|stage| give_back(stage, "second"))
            .holds(|_| free_blocks_are(&[Order::LARGEST])),
    ],
    // It needs a chunk of its own.
    is_possible: || kernel_heap::lock().statistics().maximum_bytes >= 2 * CHUNK_BYTES,
    prepare: |stage| {
        stage.bytes("chunk", CHUNK_BYTES);
        stage.count("bytes", BYTES as u64);
        stage.count("splits", (CHUNK_BYTES / BLOCK).ilog2().into());
        Ok(())
    },
};

/// Takes every free block.
fn fill_small(stage: &mut Stage) -> Outcome {
    for order in Order::all() {
        loop {
            let free = kernel_heap::lock().statistics().free[usize::from(order.number())];
            if free == 0 {
                break;
            }
            stage.take_block(order.bytes() as usize, Tag::KERNEL)?;
        }
    }
    Ok(())
}

/// Gives back the block at the address that was noted.
fn give_back(stage: &mut Stage, name: &str) -> Outcome {
    let address = VirtAddr::new(stage.get(name));
    let at = stage
        .blocks
        .iter()
        .position(|block| block.address == address);
    stage.free_block(at.ok_or("the lesson has not that block")?);
    Ok(())
}

/// Whether the heap has one free block of each of these orders, and no other.
fn free_blocks_are(wanted: &[Order]) -> Outcome {
    let free = kernel_heap::lock().statistics().free;
    for order in Order::all() {
        let count = free[usize::from(order.number())];
        let expected = u32::from(wanted.contains(&order));
        fact!(
            count == expected,
            "{count} free blocks of {} B, not {expected}",
            order.bytes()
        );
    }
    Ok(())
}
