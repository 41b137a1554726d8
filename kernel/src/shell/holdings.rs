//! `alloc`, `free`: memory taken by hand, to see where it comes from, and to try every wrong way of
//! giving it back.
//!
//! What somebody else has cannot be freed here; whatever else is wrong is left to the allocators,
//! whose refusal is shown.

use super::{Arguments, Command, Misused, address, number, say};
use crate::memory::heap::kernel_heap;
use crate::memory::physical::frames;
use crate::memory::physical::frames::FRAME;
use heapless::Vec;
use mm::frame::{FrameState, Run};
use mm::heap::AnyBlock;
use mm::tag::{Owners, Tag};
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// The most pieces that are held at once.
const MOST: usize = 64;

/// What the shell has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Frames { first: PhysFrame, frames: u64 },
    Block(VirtAddr),
}

/// All that the shell has taken and not given back.
pub struct Holdings(Vec<Piece, MOST>);

impl Holdings {
    /// Nothing.
    pub const fn new() -> Holdings {
        Holdings(Vec::new())
    }

    fn list(&self) {
        for piece in &self.0 {
            match piece {
                Piece::Frames { first, frames } => {
                    say!("  {:#014x}  {frames} × 4 KB", first.start_address());
                }
                Piece::Block(at) => say!("  {at:#x}  a block of the heap"),
            }
        }
        say!("pieces held: {} of at most {MOST}", self.0.len());
    }

    fn hold(&mut self, piece: Piece) {
        // Room was looked for before anything was taken.
        let _ = self.0.push(piece);
    }
}

pub const ALLOC: Command = Command {
    name: "alloc",
    arguments: "[frame | run N | heap N] [ALIGN]",
    what: "takes memory and holds it; without arguments: what is held",
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
        super::none(arguments)?;
        if shell.holdings.0.is_full() {
            say!("{MOST} pieces are held already: free one first");
            return Ok(());
        }
        match kind {
            "frame" | "run" => take_frames(&mut shell.holdings, size, align),
            "heap" => take_block(&mut shell.holdings, size, align),
            _ => return Err(Misused),
        }
        Ok(())
    },
};

fn take_frames(holdings: &mut Holdings, frames: u64, align_frames: u64) {
    let run = Run {
        frames,
        align_frames,
        ceiling: None,
    };
    let taken = match frames {
        1 if align_frames == 1 => frames::allocate(Tag::KERNEL),
        _ => frames::allocate_run(run, Tag::KERNEL),
    };
    match taken {
        Ok(first) => {
            say!("from {:#014x} on: {frames} × 4 KB", first.start_address());
            holdings.hold(Piece::Frames { first, frames });
        }
        Err(error) => say!("refused: {error}"),
    }
}

fn take_block(holdings: &mut Holdings, bytes: u64, align: u64) {
    match kernel_heap::allocate(bytes as usize, align as usize, Tag::KERNEL) {
        Ok(block) => {
            say!(
                "a block of {} B at {:#x} for {bytes} B",
                block.bytes,
                block.address
            );
            holdings.hold(Piece::Block(block.address));
        }
        Err(error) => say!("refused: {error}"),
    }
}

pub const FREE: Command = Command {
    name: "free",
    arguments: "ADDRESS | all",
    what: "gives back what alloc took; a wrong address shows how it is refused",
    run: free,
};

fn free(
    shell: &mut super::Shell,
    _: &mut super::Context<'_>,
    mut arguments: Arguments<'_>,
) -> Result<(), Misused> {
    let word = arguments.next().ok_or(Misused)?;
    super::none(arguments)?;
    let holdings = &mut shell.holdings;
    if word == "all" {
        if holdings.0.is_empty() {
            say!("nothing is held");
        }
        while let Some(piece) = holdings.0.pop() {
            give_back(piece);
        }
        return Ok(());
    }
    let at = address(word)?;
    let held = holdings.0.iter().position(|piece| match piece {
        Piece::Frames { first, .. } => first.start_address().as_u64() == at,
        Piece::Block(block) => block.as_u64() == at,
    });
    match held {
        Some(held) => give_back(holdings.0.swap_remove(held)),
        None => free_wrongly(at),
    }
    Ok(())
}

fn give_back(piece: Piece) {
    match piece {
        Piece::Frames { first, frames } => match frames::lock().free_run(first, frames) {
            Ok(_) => say!(
                "from {:#014x} on free again: {frames} × 4 KB",
                first.start_address()
            ),
            Err(error) => say!("refused: {error}"),
        },
        Piece::Block(at) => match kernel_heap::free(at) {
            Ok(block) => say!("{} B at {at:#x} are free", block.bytes),
            Err(error) => say!("refused: {error}"),
        },
    }
}

/// An address that the shell does not hold. If somebody does, it stays; otherwise the allocator
/// says what is wrong.
fn free_wrongly(at: u64) {
    match (VirtAddr::try_new(at), PhysAddr::try_new(at)) {
        (Ok(at), _) if at.as_u64() >> 63 != 0 => {
            let block = kernel_heap::lock().block_at(at);
            match block {
                Some(AnyBlock::Live(block)) if block.address == at => {
                    say!(
                        "refused: the block at {at:#x} belongs to the {}, not to the shell",
                        Owners(block.owner)
                    );
                }
                _ => give_back(Piece::Block(at)),
            }
        }
        (_, Ok(at)) if !at.is_aligned(FRAME) => {
            say!("refused: no frame begins at {at:#x}");
        }
        (_, Ok(at)) => {
            let first = frames::frame_at(at);
            let state = frames::lock().state(first);
            match state {
                FrameState::InUse(info) => {
                    say!(
                        "refused: the frame at {:#x} belongs to the {}, not to the shell",
                        at.align_down(FRAME),
                        Owners(info.tag)
                    );
                }
                _ => give_back(Piece::Frames { first, frames: 1 }),
            }
        }
        _ => say!("refused: {at:#x} is neither a physical nor a virtual address"),
    }
}
