//! Swap in memory: compressed pages, as zram of Linux.
//!
//! ```text
//! one repeated word ──► that word            compressed ──► block of the heap, or a frame
//! does not shrink   ──► a frame, as it is
//! ```
//! The heap is a small part of memory. When it has no block, the compressed page takes a frame.

use super::checksum::checksum;
use super::content::{Content, PAGE};
use super::device::{Device, DeviceKind, Stored};
use super::error::SwapError;
use crate::memory::heap::kmalloc;
use crate::memory::physical::frames;
use core::slice;
use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};
use mm::paging::SwapSlot;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Room for compressing a page.
pub struct Compressor {
    table: CompressTable,
    scratch: [u8; MOST_BYTES],
}

/// The most bytes of a compressed page. LZ4 refuses to begin with less room, even for a page that
/// shrinks.
const MOST_BYTES: usize = get_maximum_output_size(PAGE);

impl Compressor {
    /// The table and an empty page.
    pub const fn new() -> Compressor {
        Compressor {
            table: CompressTable::small(),
            scratch: [0; MOST_BYTES],
        }
    }
}

impl Device for Compressor {
    fn kind(&self) -> DeviceKind {
        DeviceKind::Compressed
    }

    fn slots(&self, frames: usize) -> usize {
        frames
    }

    fn store(&mut self, _: SwapSlot, page: &Content) -> Result<Stored, SwapError> {
        if let Some(word) = repeated_word(page) {
            return Ok(Stored {
                block: word,
                checksum: 0,
                bytes: 0,
                is_frame: false,
            });
        }
        let compressed = compress_into_with_table(page, &mut self.scratch, &mut self.table);
        let bytes = match compressed {
            Ok(bytes) if bytes < PAGE => &self.scratch[..bytes],
            _ => &page[..],
        };
        let (block, is_frame) = room(bytes.len())?;
        // SAFETY: the block is new and has this many bytes.
        unsafe {
            block
                .as_mut_ptr::<u8>()
                .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(Stored {
            block: block.as_u64(),
            checksum: checksum(bytes),
            bytes: bytes.len() as u16,
            is_frame,
        })
    }

    fn load(
        &mut self,
        slot: SwapSlot,
        stored: &Stored,
        page: &mut Content,
    ) -> Result<(), SwapError> {
        if stored.bytes == 0 {
            // Chunks of a constant size: others are copied by a call for each word.
            let (words, _) = page.as_chunks_mut::<8>();
            words.fill(stored.block.to_le_bytes());
            return Ok(());
        }
        let block = VirtAddr::new(stored.block);
        // SAFETY: the page is stored, so its block is live, and has this many bytes.
        let bytes = unsafe { slice::from_raw_parts(block.as_ptr::<u8>(), stored.bytes.into()) };
        if checksum(bytes) != stored.checksum {
            return Err(SwapError::Corrupt(slot));
        }
        if bytes.len() == PAGE {
            page.copy_from_slice(bytes);
            return Ok(());
        }
        match decompress_into(bytes, page) {
            Ok(PAGE) => Ok(()),
            _ => Err(SwapError::Corrupt(slot)),
        }
    }

    fn free(&mut self, stored: Stored) {
        if stored.bytes == 0 {
            return;
        }
        let block = VirtAddr::new(stored.block);
        if stored.is_frame {
            frames::free(frames::frame_backing(block)).expect("a stored page owns its frame");
        } else {
            kmalloc::kfree(block).expect("a stored page owns its block");
        }
    }

    fn corrupt_for_test(&mut self, _: SwapSlot, stored: &Stored) -> bool {
        if stored.bytes > 0 {
            // SAFETY: the block is live and has these bytes; the caller holds the lock of swap.
            unsafe { *VirtAddr::new(stored.block).as_mut_ptr::<u8>() ^= 1 };
        }
        stored.bytes > 0
    }
}

/// Allocates room for so many bytes. Returns true if it is a frame.
fn room(bytes: usize) -> Result<(VirtAddr, bool), SwapError> {
    if bytes < PAGE
        && let Ok(block) = kmalloc::kmalloc(bytes, Tag::KERNEL)
    {
        return Ok((block, false));
    }
    let frame = frames::allocate(Tag::KERNEL).map_err(SwapError::NoRoom)?;
    let block = VirtAddr::from_ptr(frames::pointer(frame.start_address()));
    Ok((block, true))
}

/// The word that fills the whole page.
fn repeated_word(page: &Content) -> Option<u64> {
    let (words, _) = page.as_chunks::<8>();
    let first = words[0];
    words
        .iter()
        .all(|&word| word == first)
        .then(|| u64::from_le_bytes(first))
}
