//! Tests of the heap: blocks are usable, split and merge; wrong requests are refused.

use super::test::{Outcome, Test, broken, check};
use crate::memory::heap::race::Race;
use crate::memory::heap::try_box;
use crate::memory::heap::{kernel_heap, kmalloc, race};
use alloc::boxed::Box;
use alloc::vec::Vec;
use mm::heap::strategy::Strategy;
use mm::heap::{Allocation, CHUNK_BYTES, HeapError, HeapFreeError, Order};
use mm::tag::Tag;

pub const QUICK: &[Test] = &[
    Test {
        name: "heap: 1024 bytes are allocated, written, read and freed",
        run: one_block,
    },
    Test {
        name: "heap: ten blocks of 64 bytes are distinct, zeroed, and merge again",
        run: ten_blocks,
    },
    Test {
        name: "heap: a double free and a wild free are refused",
        run: bad_frees,
    },
    Test {
        name: "heap: Rust's Box and Vec use it",
        run: rust,
    },
];

pub const LONG: &[Test] = &[
    Test {
        name: "heap: it grows to its maximum, refuses, and shrinks back",
        run: exhaustion,
    },
    Test {
        name: "heap: 20,000 random requests keep every invariant",
        run: churn,
    },
    Test {
        name: "heap: four strategies serve the same requests",
        run: strategies,
    },
];

fn one_block() -> Outcome {
    let block = kernel_heap::allocate(1024, 1, Tag::KERNEL)?;
    let bytes = block.address.as_mut_ptr::<u8>();
    for at in 0..1024 {
        // SAFETY: inside the block.
        unsafe { bytes.add(at).write_volatile(at as u8) };
    }
    // SAFETY: inside the block.
    let read_back = (0..1024).all(|at| unsafe { bytes.add(at).read_volatile() } == at as u8);
    kernel_heap::free(block.address)?;
    check!(read_back, "the block does not keep its content");
    Ok(())
}

fn ten_blocks() -> Outcome {
    kernel_heap::drain_cache();
    let before = kernel_heap::lock().statistics().free;
    let mut blocks = heapless::Vec::<Allocation, 10>::new();
    for _ in 0..10 {
        let block = kernel_heap::allocate(64, 64, Tag::KERNEL)?;
        // SAFETY: inside the block.
        let first = unsafe { block.address.as_ptr::<u64>().read_volatile() };
        check!(first == 0, "{:#x} is not zeroed", block.address);
        // SAFETY: inside the block.
        unsafe { block.address.as_mut_ptr::<u8>().write_bytes(0xff, 64) };
        check!(
            blocks.iter().all(|other| other.address != block.address),
            "allocated twice"
        );
        let _ = blocks.push(block);
    }
    for block in blocks {
        kernel_heap::free(block.address)?;
    }
    check!(
        kernel_heap::drain_cache() == 10,
        "the cache does not have the freed blocks"
    );
    check!(
        kernel_heap::lock().statistics().free == before,
        "buddies did not merge"
    );
    Ok(())
}

fn bad_frees() -> Outcome {
    let block = kernel_heap::allocate(100, 1, Tag::KERNEL)?;
    let inside = kernel_heap::free(block.address + 64);
    let freed = kernel_heap::free(block.address).is_ok();
    let twice = kernel_heap::free(block.address);
    let wild = kernel_heap::free(x86_64::VirtAddr::new(0x1000));
    check!(
        matches!(inside, Err(HeapFreeError::Inside { .. })),
        "a free in the middle of a block passed"
    );
    check!(freed, "not freed");
    check!(
        matches!(twice, Err(HeapFreeError::AlreadyFree(_))),
        "a double free passed"
    );
    check!(
        matches!(wild, Err(HeapFreeError::NotInHeap(_))),
        "a wild free passed"
    );
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this is what the test is about")]
fn rust() -> Outcome {
    let boxed = Box::new([7_u64; 100]);
    let numbers: Vec<u64> = (0..1000).collect();
    check!(boxed.iter().sum::<u64>() == 700, "the box lost its content");
    check!(
        numbers.iter().sum::<u64>() == 499_500,
        "the vector lost its content"
    );
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the list has room for every block"
)]
fn exhaustion() -> Outcome {
    /// Small blocks that a full heap still has.
    const SMALL_BLOCKS: usize = 4096;
    const SMALLEST: usize = 64;
    let maximum = kernel_heap::lock().statistics().maximum_bytes;
    let mut blocks = Vec::with_capacity((maximum / CHUNK_BYTES) as usize + SMALL_BLOCKS);
    let refused = loop {
        match kernel_heap::allocate(CHUNK_BYTES as usize, 1, Tag::KERNEL) {
            Ok(block) => blocks.push(block),
            Err(error) => break error,
        }
    };
    // The rest in smaller blocks, down to the smallest.
    let mut bytes = CHUNK_BYTES as usize;
    while bytes >= SMALLEST && blocks.len() < blocks.capacity() {
        match kernel_heap::allocate(bytes, 1, Tag::KERNEL) {
            Ok(block) => blocks.push(block),
            Err(_) => bytes /= 2,
        }
    }
    let boxed = try_box([0_u64; 300]).is_ok();
    let race = Race::new(1).is_ok();
    let committed = kernel_heap::lock().statistics().committed_bytes;
    for block in &blocks {
        kernel_heap::free(block.address)?;
    }
    check!(!boxed, "a full heap gave a box");
    check!(race, "a race needed the full heap");
    check!(matches!(refused, HeapError::Exhausted { .. }), "{refused}");
    check!(
        committed == maximum,
        "refused at {committed} B of {maximum} B"
    );
    drop(blocks);
    kmalloc::shrink();
    let committed = kernel_heap::lock().statistics().committed_bytes;
    check!(
        committed == CHUNK_BYTES,
        "{committed} B are left after shrinking"
    );
    Ok(())
}

fn churn() -> Outcome {
    let mut random = fastrand::Rng::with_seed(7);
    let mut blocks = heapless::Vec::<Allocation, 200>::new();
    for round in 0..20_000 {
        if blocks.is_full() || (!blocks.is_empty() && random.bool()) {
            let block = blocks.swap_remove(random.usize(..blocks.len()));
            kernel_heap::free(block.address)?;
        } else {
            let bytes = 1 << random.u32(0..13);
            let _ = blocks.push(kernel_heap::allocate(
                random.usize(1..=bytes),
                1,
                Tag::KERNEL,
            )?);
        }
        if round % 1000 == 0 {
            kernel_heap::lock().validate().map_err(broken)?;
        }
    }
    for block in blocks {
        kernel_heap::free(block.address)?;
    }
    Ok(())
}

fn strategies() -> Outcome {
    const STEPS: u32 = 20_000;
    let results = race::run(1, STEPS)?;
    for result in &results {
        let figures = &result.figures;
        log::info!(
            "  {:20}  {} of {STEPS} refused, internal fragmentation {}, external {}, unusable for 64 KiB {}, {} ticks a step",
            figures.name,
            figures.refused,
            figures.internal(),
            figures.free.external(),
            figures.free.unusable(Order::new(10).expect("64 KiB")),
            result.ticks / u64::from(STEPS)
        );
    }
    let figures = |strategy: Strategy| {
        let found = results.iter().map(|result| result.figures);
        let mut found = found.filter(|figures| figures.name == strategy.words());
        found.next().expect("the race has all strategies")
    };
    let (whole, trimmed) = (
        figures(Strategy::BuddyWhole),
        figures(Strategy::BuddyTrimmed),
    );
    check!(
        trimmed.internal() < whole.internal(),
        "internal fragmentation {} trimmed, {} with whole blocks",
        trimmed.internal(),
        whole.internal()
    );
    Ok(())
}
