//! The device of swap: pages compressed in memory, as zram of Linux.
//!
//! ```text
//! one repeated word ──► that word            compressed ──► block of the heap, or a frame
//! does not shrink   ──► a frame, as it is
//! ```
//! The heap is a small part of memory. When it has no block, the compressed page takes a frame.

use super::content::{Content, PAGE};
use super::error::SwapError;
use crate::memory::heap::kmalloc;
use crate::memory::physical::frames;
use core::slice;
use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Where the bytes of a page are: 16 bytes.
#[derive(Clone, Copy)]
pub struct Stored {
    /// The address of the bytes; for a page of one repeated word, that word.
    block: u64,
    checksum: u32,
    /// 0 for a page of one repeated word, [`PAGE`] for a page that does not shrink.
    bytes: u16,
    /// The block is a frame, not a block of the heap.
    is_frame: bool,
}

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

    /// Stores a page.
    ///
    /// # Errors
    /// When there is neither a block nor a frame for it.
    pub fn store(&mut self, page: &Content) -> Result<Stored, SwapError> {
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

impl Stored {
    /// The compressed size.
    pub fn bytes(&self) -> u16 {
        self.bytes
    }

    /// Reads the page back. `None` if the stored bytes are not those that were written; `page` has
    /// no meaning then.
    pub fn load(&self, page: &mut Content) -> Option<()> {
        if self.bytes == 0 {
            // Chunks of a constant size: others are copied by a call for each word.
            let (words, _) = page.as_chunks_mut::<8>();
            words.fill(self.block.to_le_bytes());
            return Some(());
        }
        let block = VirtAddr::new(self.block);
        // SAFETY: the page is stored, so its block is live, and has this many bytes.
        let stored = unsafe { slice::from_raw_parts(block.as_ptr::<u8>(), self.bytes.into()) };
        if checksum(stored) != self.checksum {
            return None;
        }
        if stored.len() == PAGE {
            page.copy_from_slice(stored);
            return Some(());
        }
        let bytes = decompress_into(stored, page).ok()?;
        (bytes == PAGE).then_some(())
    }

    /// Frees the block. The page must not be used again.
    pub fn free(self) {
        if self.bytes == 0 {
            return;
        }
        let block = VirtAddr::new(self.block);
        if self.is_frame {
            frames::free(frames::frame_backing(block)).expect("a stored page owns its frame");
        } else {
            kmalloc::kfree(block).expect("a stored page owns its block");
        }
    }

    /// For a test: flips a bit of the stored bytes. Returns false if there are none.
    pub fn corrupt_for_test(&self) -> bool {
        if self.bytes > 0 {
            // SAFETY: the block is live and has these bytes; the caller holds the lock of swap.
            unsafe { *VirtAddr::new(self.block).as_mut_ptr::<u8>() ^= 1 };
        }
        self.bytes > 0
    }
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

/// A checksum that changes with every bit and with the order of words: the high half of the mixed
/// words, to which a multiplication carries every bit.
fn checksum(bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let sum = words.iter().fold(bytes.len() as u64, |sum, &word| {
        mix(sum, u64::from_le_bytes(word))
    });
    let sum = rest.iter().fold(sum, |sum, &byte| mix(sum, byte.into()));
    (sum >> 32) as u32
}
