//! `alloc`, `free`: memory allocated by hand, to show its origin and how the kernel refuses wrong
//! frees.
//!
//! `free` refuses memory of another owner. It passes every other wrong address to the allocators,
//! whose refusal it prints.

use super::answer::say;
use super::command::{Arguments, Command, Context, Misused, ShellState, address, none, number};
use super::holdings::{Holding, Holdings, MOST};
use crate::memory::heap::kernel_heap;
use crate::memory::physical::frames;
use crate::memory::physical::frames::FRAME;
use mm::frame::{FrameState, Run};
use mm::heap::AnyBlock;
use mm::tag::{Owners, Tag};
use x86_64::{PhysAddr, VirtAddr};

pub const ALLOC: Command = Command {
    name: "alloc",
    arguments: "[frame | run N | heap N] [ALIGN]",
    summary: "allocates memory and holds it; without arguments, lists what it holds",
    run: |shell, _, mut arguments| {
        let Some(kind) = arguments.next() else {
            shell.holdings.list();
            return Ok(());
        };
        let (size, align) = match kind {
            "frame" => (1, 1),
            _ => (
                number(arguments.next().ok_or(Misused)?)?,
                arguments.next().map_or(Ok(1), number)?,
            ),
        };
        none(arguments)?;
        if shell.holdings.0.is_full() {
            say!("{MOST} allocations are held already: free one first");
            return Ok(());
        }
        match kind {
            "frame" | "run" => allocate_frames(&mut shell.holdings, size, align),
            "heap" => allocate_block(&mut shell.holdings, size, align),
            _ => return Err(Misused),
        }
        Ok(())
    },
};

fn allocate_frames(holdings: &mut Holdings, frames: u64, align_frames: u64) {
    let run = Run {
        frames,
        align_frames,
        ceiling: None,
    };
    let allocated = match frames {
        1 if align_frames == 1 => frames::allocate(Tag::KERNEL),
        _ => frames::allocate_run(run, Tag::KERNEL),
    };
    match allocated {
        Ok(first) => {
            say!("at {:#014x}: {frames} × 4 KiB", first.start_address());
            holdings.hold(Holding::Frames { first, frames });
        }
        Err(error) => say!("refused: {error}"),
    }
}

fn allocate_block(holdings: &mut Holdings, bytes: u64, align: u64) {
    match kernel_heap::allocate(bytes as usize, align as usize, Tag::KERNEL) {
        Ok(block) => {
            say!(
                "a block of {} B at {:#x} for {bytes} B",
                block.bytes,
                block.address
            );
            holdings.hold(Holding::Block(block.address));
        }
        Err(error) => say!("refused: {error}"),
    }
}

pub const FREE: Command = Command {
    name: "free",
    arguments: "ADDRESS | all",
    summary: "frees memory that alloc holds; a wrong address shows how the kernel refuses it",
    run: free,
};

fn free(
    shell: &mut ShellState,
    _: &mut Context<'_>,
    mut arguments: Arguments<'_>,
) -> Result<(), Misused> {
    let word = arguments.next().ok_or(Misused)?;
    none(arguments)?;
    let holdings = &mut shell.holdings;
    if word == "all" {
        if holdings.0.is_empty() {
            say!("nothing is held");
        }
        while let Some(holding) = holdings.0.pop() {
            release(holding);
        }
        return Ok(());
    }
    let wanted = address(word)?;
    let held = holdings.0.iter().position(|holding| match holding {
        Holding::Frames { first, .. } => first.start_address().as_u64() == wanted,
        Holding::Block(block) => block.as_u64() == wanted,
    });
    match held {
        Some(index) => release(holdings.0.swap_remove(index)),
        None => free_not_held(wanted),
    }
    Ok(())
}

/// Frees an allocation, and prints the result.
fn release(holding: Holding) {
    match holding {
        Holding::Frames { first, frames } => match frames::lock().free_run(first, frames) {
            Ok(_) => say!(
                "at {:#014x}: {frames} × 4 KiB are free",
                first.start_address()
            ),
            Err(error) => say!("refused: {error}"),
        },
        Holding::Block(address) => match kernel_heap::free(address) {
            Ok(block) => say!("{} B at {address:#x} are free", block.bytes),
            Err(error) => say!("refused: {error}"),
        },
    }
}

/// Handles an address that the shell does not hold. Memory of another owner stays allocated; in
/// every other case the allocator reports the error.
fn free_not_held(address: u64) {
    match (VirtAddr::try_new(address), PhysAddr::try_new(address)) {
        (Ok(address), _) if address.as_u64() >> 63 != 0 => {
            let block = kernel_heap::lock().block_at(address);
            match block {
                Some(AnyBlock::Live(block)) if block.address == address => {
                    say!(
                        "refused: the block at {address:#x} belongs to the {}, not to the shell",
                        Owners(block.owner)
                    );
                }
                _ => release(Holding::Block(address)),
            }
        }
        (_, Ok(address)) if !address.is_aligned(FRAME) => {
            say!("refused: no frame begins at {address:#x}");
        }
        (_, Ok(address)) => {
            let first = frames::frame_at(address);
            let state = frames::lock().state(first);
            match state {
                FrameState::InUse(info) => {
                    say!(
                        "refused: the frame at {address:#x} belongs to the {}, not to the shell",
                        Owners(info.tag)
                    );
                }
                _ => release(Holding::Frames { first, frames: 1 }),
            }
        }
        _ => say!("refused: {address:#x} is neither a physical nor a virtual address"),
    }
}
