//! The buddy heap: blocks split into buddies, and free buddies merge.

use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::heap::kernel_heap;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::heap::{CHUNK_BYTES, Order};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The bytes of each request.
const BYTES: usize = 3 << 10;
/// The size of the block that serves it.
const BLOCK: u64 = 4096;

pub const LESSON: Lesson = Lesson {
    name: "buddy",
    title: "The buddy heap",
    goal: "blocks split into buddies, and free buddies merge",
    steps: &[
        step("The heap has one free block: {chunk}, at ①{start}. The lesson has allocated all smaller ones, so that each split is visible.")
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("start"))
            .acts(|stage| {
                kernel_heap::drain_cache();
                // The heap grows by a chunk; the lesson frees it again below.
                let chunk = stage.allocate_block(CHUNK_BYTES as usize, Tag::KERNEL)?;
                fill_smaller(stage)?;
                let at = stage.blocks.iter().position(|block| block == &chunk);
                stage.free_block(at.ok_or("the chunk is not in the list")?);
                stage.address("start", chunk.address);
                Ok(())
            })
            .holds(|_| free_blocks_are(&[Order::LARGEST])),
        step("A block of {block-bytes}. The heap halves {chunk} {splits} times. Each time one half, a buddy, stays free: 512 KiB, 256 KiB, … 4 KiB.")
            .asks("A caller requests {bytes} bytes. Which block does it get, and what happens to the rest?")
            .choices(&["The whole free block", "4 KiB, the rest stays free", "Exactly the requested bytes"], 1)
            .because("Not C: sizes are powers of two, so that each half has one buddy.")
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first").or_else(|| stage.selected_block("start")))
            .acts(|stage| {
                let block = stage.allocate_block(BYTES, Tag::CACHE)?;
                stage.address("first", block.address);
                stage.bytes("block-bytes", block.bytes);
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("block-bytes") == BLOCK, "a block of {} B", stage.get("block-bytes"));
                let left: heapless::Vec<Order, 8> = Order::all().skip(6).take(8).collect();
                free_blocks_are(&left)
            }),
        step("None: the buddy of the first block, at ①{second}, is free and has the right size.")
            .asks("Another caller requests {bytes} bytes as well. How many blocks must the heap split?")
            .choices(&["None", "One", "Eight"], 0)
            .because("Not C: the first request has already split the large block.")
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("second").or_else(|| stage.selected_block("first")))
            .acts(|stage| {
                let block = stage.allocate_block(BYTES, Tag::DEVICE)?;
                stage.address("second", block.address);
                Ok(())
            })
            .holds(|_| {
                let left: heapless::Vec<Order, 8> = Order::all().skip(7).take(7).collect();
                free_blocks_are(&left)
            }),
        step("It flips one address bit: ①{first} XOR 4 KiB is ②{second}. This works because each block is aligned to its power-of-two size.")
            .asks("When a caller frees a block, the heap must find its buddy without a search. How?")
            .choices(&["Search a list of free blocks", "Keep a pointer in each block", "Flip one bit of the address"], 2)
            .because("Not B: a pointer would use memory in each block, and one stray write would break it.")
            .conceals()
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first"))
            .holds(|stage| {
                let (first, second) = (stage.get("first"), stage.get("second"));
                fact!(first ^ second == BLOCK, "{first:#x} and {second:#x} are no buddies");
                Ok(())
            }),
        step("A quarter of each block: {requested} of {block-bytes} are requested. This is internal fragmentation, the price of powers of two.")
            .asks("The caller requested {bytes} bytes and has a block of {block-bytes}. What share of it is unused?")
            .choices(&["None", "A quarter", "A half"], 1)
            .because("Not A: the heap rounds each request up to the next power of two.")
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first"))
            .holds(|stage| {
                fact!(4 * (BLOCK - BYTES as u64) == BLOCK, "{BYTES} B leave another share");
                let mut allocated = stage.blocks.iter().rev().take(2);
                let fits = allocated.all(|block| (block.requested, block.bytes) == (BYTES as u64, BLOCK));
                fact!(fits, "the blocks are not of {BLOCK} B for {BYTES} B");
                Ok(())
            }),
        step("No: its buddy is in use. Only buddies merge, and only when both are free.")
            .asks("The first caller frees its block. Does the block merge with a neighbour?")
            .choices(&["Yes, with its buddy", "Yes, with any free neighbour", "No"], 2)
            .because("Not A: its buddy is in use. Not B: only buddies merge.")
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("first"))
            .acts(|stage| free_noted(stage, "first"))
            .holds(|_| {
                let left: heapless::Vec<Order, 8> = Order::all().skip(6).take(8).collect();
                free_blocks_are(&left)
            }),
        step("All the way: the buddies merge, and each larger block merges with its own free buddy. One block of {chunk} is free again.")
            .asks("The second caller frees its block too. How far does merging go?")
            .choices(&["One level", "To 512 KiB", "All the way to 1 MiB"], 2)
            .because("Not B: the two halves of 512 KiB are free as well, so they merge too.")
            .figure(Figure::Buddy)
            .on(Board::Heap, MapMode::Tags)
            .selects(|stage| stage.selected_block("start"))
            .acts(|stage| free_noted(stage, "second"))
            .holds(|_| free_blocks_are(&[Order::LARGEST])),
    ],
    // The lesson needs a chunk of its own.
    is_possible: || kernel_heap::lock().statistics().maximum_bytes >= 2 * CHUNK_BYTES,
    prepare: |stage| {
        stage.bytes("chunk", CHUNK_BYTES);
        stage.count("bytes", BYTES as u64);
        stage.bytes("requested", BYTES as u64);
        stage.count("splits", (CHUNK_BYTES / BLOCK).ilog2().into());
        Ok(())
    },
};

/// Allocates every free block smaller than the chunk.
fn fill_smaller(stage: &mut Stage) -> Outcome {
    for order in Order::all() {
        loop {
            let free = kernel_heap::lock().statistics().free[usize::from(order.number())];
            if free == 0 {
                break;
            }
            stage.allocate_block(order.bytes() as usize, Tag::KERNEL)?;
        }
    }
    Ok(())
}

/// Frees the block at the noted address.
fn free_noted(stage: &mut Stage, name: &str) -> Outcome {
    let address = VirtAddr::new(stage.get(name));
    let at = stage
        .blocks
        .iter()
        .position(|block| block.address == address);
    stage.free_block(at.ok_or("the lesson does not hold that block")?);
    Ok(())
}

/// Checks that the heap has one free block of each of these orders, and no other.
fn free_blocks_are(orders: &[Order]) -> Outcome {
    let free = kernel_heap::lock().statistics().free;
    for order in Order::all() {
        let count = free[usize::from(order.number())];
        let expected = u32::from(orders.contains(&order));
        fact!(
            count == expected,
            "{count} free blocks of {} B, not {expected}",
            order.bytes()
        );
    }
    Ok(())
}
