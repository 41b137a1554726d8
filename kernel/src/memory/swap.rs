//! Swap: the content of pages that have no frame, compressed in memory.
//!
//! ```text
//! page ──compress──► block of the kernel heap          slot ──► { block, bytes, checksum, users }
//!   ▲                                                    ▲
//!   └──decompress, after the checksum was compared ◄─────┘ named by the page-table entry
//! ```
//! As zram of Linux does it: a page of one repeated word needs no block, and a page that does not
//! shrink is stored as it is. Several entries may name one slot, after a fork. Invariant: a slot is
//! in the bitmap of free slots if and only if it has no user.

use crate::lock::{Mutex, MutexGuard};
use crate::memory::heap::kmalloc::{self, KmallocError};
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::slices::Slices;
use crate::memory::trace;
use core::{fmt, slice};
use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size,
};
use mm::bitmap::Bitmap;
use mm::event::Payload;
use mm::frame::AllocateError;
use mm::paging::SwapSlot;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bytes of a page.
pub const PAGE: usize = FRAME as usize;

/// The most bytes of a compressed page. LZ4 refuses a smaller buffer, even if the page shrinks.
const MOST_BYTES: usize = get_maximum_output_size(PAGE);

/// The content of a page.
pub type Content = [u8; PAGE];

/// Why swap refuses a page, or cannot return one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapError {
    /// No frames for the table of slots.
    NoTable(AllocateError),
    /// All slots are used: this many.
    Full(usize),
    /// The heap has no block for a compressed page.
    NoBlock(KmallocError),
    /// The slot has the most users.
    TooManyUsers(SwapSlot),
    /// The stored bytes are not those that were written.
    Corrupt(SwapSlot),
}

impl fmt::Display for SwapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SwapError::NoTable(error) => write!(f, "no table of swap slots: {error}"),
            SwapError::Full(slots) => write!(f, "all {slots} swap slots are used"),
            SwapError::NoBlock(error) => write!(f, "no block for a page in swap: {error}"),
            SwapError::TooManyUsers(slot) => {
                write!(f, "swap slot {} has the most users", slot.number())
            }
            SwapError::Corrupt(slot) => {
                write!(f, "the page in swap slot {} is corrupt", slot.number())
            }
        }
    }
}

/// How much is in swap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Slots of the table; 0 before the first page is stored.
    pub slots: usize,
    /// Slots with a page.
    pub used: usize,
    /// Bytes of the stored pages, compressed.
    pub compressed_bytes: u64,
    /// Pages that were stored since boot.
    pub written: u64,
    /// Pages that were read back since boot.
    pub read: u64,
}

/// A stored page: 24 bytes.
#[derive(Clone, Copy)]
struct Slot {
    /// The compressed page; for a page of one repeated word, that word.
    block: u64,
    checksum: u64,
    /// 0 for a page of one repeated word, [`PAGE`] for a page that does not shrink.
    bytes: u16,
    users: u16,
}

struct Swap {
    slots: &'static mut [Slot],
    /// The free slots, once there is a table.
    free: Option<Bitmap<'static>>,
    /// Owns the memory of the two fields above.
    memory: Option<Slices>,
    table: CompressTable,
    /// Room for a page while it is compressed.
    compressed: [u8; MOST_BYTES],
    /// Room for a page while it is read in part.
    scratch: Content,
    statistics: Statistics,
}

static SWAP: Mutex<Swap> = Mutex::new(Swap {
    slots: &mut [],
    free: None,
    memory: None,
    table: CompressTable::small(),
    compressed: [0; MOST_BYTES],
    scratch: [0; PAGE],
    statistics: Statistics {
        slots: 0,
        used: 0,
        compressed_bytes: 0,
        written: 0,
        read: 0,
    },
});

/// Returns how much is in swap.
pub fn statistics() -> Statistics {
    SWAP.lock().statistics
}

/// Stores a page in a new slot with one user.
///
/// # Errors
/// When there is no slot or no block; nothing changes then.
pub fn store(page: &Content) -> Result<SwapSlot, SwapError> {
    let mut swap = ready()?;
    let slots = swap.slots.len();
    let free = swap.free.as_ref().expect("the table is ready");
    let number = free.first_from(0).ok_or(SwapError::Full(slots))?;
    let slot = swap.compress(page)?;
    swap.slots[number] = slot;
    let free = swap.free.as_mut().expect("the table is ready");
    free.remove(number);
    swap.statistics.used += 1;
    swap.statistics.written += 1;
    swap.statistics.compressed_bytes += u64::from(slot.bytes);
    trace::record(Payload::SlotAllocate {
        slot: number as u32,
        bytes: slot.bytes,
    });
    Ok(SwapSlot::new(number as u32))
}

/// Reads a page back. The slot stays.
///
/// # Errors
/// When the stored bytes are corrupt; `page` has no meaning then.
///
/// # Panics
/// If the slot is free.
pub fn load(slot: SwapSlot, page: &mut Content) -> Result<(), SwapError> {
    let mut swap = SWAP.lock();
    swap.statistics.read += 1;
    decompress(slot, *swap.used_slot(slot), page)
}

/// Reads bytes of a page in swap, from this offset on.
///
/// # Errors
/// When the stored bytes are corrupt.
///
/// # Panics
/// If the slot is free, or the bytes reach past the page.
pub fn read(slot: SwapSlot, offset: usize, bytes: &mut [u8]) -> Result<(), SwapError> {
    let mut swap = SWAP.lock();
    let found = *swap.used_slot(slot);
    decompress(slot, found, &mut swap.scratch)?;
    bytes.copy_from_slice(&swap.scratch[offset..][..bytes.len()]);
    Ok(())
}

/// Frees the table of slots if none is used. The next page that is stored makes a new one.
pub fn free_table() {
    let mut swap = SWAP.lock();
    if swap.statistics.used == 0 {
        swap.free = None;
        swap.slots = &mut [];
        swap.statistics.slots = 0;
        swap.memory = None;
    }
}

/// Adds a user to a slot: another page-table entry names it.
///
/// # Errors
/// When it has the most users.
///
/// # Panics
/// If the slot is free.
pub fn share(slot: SwapSlot) -> Result<(), SwapError> {
    let mut swap = SWAP.lock();
    let users = &mut swap.used_slot(slot).users;
    let from = *users;
    let to = from.checked_add(1).ok_or(SwapError::TooManyUsers(slot))?;
    *users = to;
    record_users(slot, from, to);
    Ok(())
}

/// Removes a user of a slot. Without users the slot is free.
///
/// # Panics
/// If the slot is free already.
pub fn release(slot: SwapSlot) {
    let mut swap = SWAP.lock();
    let found = swap.used_slot(slot);
    let Slot {
        block,
        bytes,
        users,
        ..
    } = *found;
    found.users = users - 1;
    if users > 1 {
        record_users(slot, users, users - 1);
        return;
    }
    let free = swap.free.as_mut().expect("there is a table of slots");
    free.insert(slot.number() as usize);
    swap.statistics.used -= 1;
    swap.statistics.compressed_bytes -= u64::from(bytes);
    trace::record(Payload::SlotFree {
        slot: slot.number(),
        bytes,
    });
    if bytes > 0 {
        kmalloc::kfree(VirtAddr::new(block)).expect("a slot owns its block");
    }
}

/// Calls `visit` with number, users and stored bytes of each slot in use, ascending.
pub fn for_each_used(mut visit: impl FnMut(u32, u16, u16)) {
    let swap = SWAP.lock();
    let Some(free) = &swap.free else { return };
    let mut number = free.first_missing_from(0);
    while number < swap.slots.len() {
        let Slot { users, bytes, .. } = swap.slots[number];
        visit(number as u32, users, bytes);
        number = free.first_missing_from(number + 1);
    }
}

/// For a test: flips a bit of a stored page. Returns false if the page has no block.
pub fn corrupt_for_test(slot: SwapSlot) -> bool {
    let mut swap = SWAP.lock();
    let Slot { block, bytes, .. } = *swap.used_slot(slot);
    if bytes > 0 {
        // SAFETY: the block holds so many bytes, and the lock is held.
        unsafe { *VirtAddr::new(block).as_mut_ptr::<u8>() ^= 1 };
    }
    bytes > 0
}

fn record_users(slot: SwapSlot, from: u16, to: u16) {
    let slot = slot.number();
    trace::record(Payload::SlotReference { slot, from, to });
}

/// Locks swap, and makes its table at the first use: a slot for each frame of the machine.
fn ready() -> Result<MutexGuard<'static, Swap>, SwapError> {
    let mut swap = SWAP.lock();
    if swap.free.is_none() {
        let count = frames::lock().frames();
        let mut memory = Slices::new(Tag::KERNEL);
        // SAFETY: numbers may be zero; a slot is written before it is in the bitmap.
        // The slices are not used after the memory is dropped.
        let (slots, bits) = unsafe {
            (
                memory.add::<Slot>(count).map_err(SwapError::NoTable)?,
                memory
                    .add::<u64>(Bitmap::words(count))
                    .map_err(SwapError::NoTable)?,
            )
        };
        swap.slots = slots;
        let mut free = Bitmap::new(bits, count);
        free.insert_range(0, count);
        swap.free = Some(free);
        swap.memory = Some(memory);
        swap.statistics.slots = count;
    }
    Ok(swap)
}

impl Swap {
    fn used_slot(&mut self, slot: SwapSlot) -> &mut Slot {
        let number = slot.number() as usize;
        let free = self.free.as_ref();
        let is_used = free.is_some_and(|free| !free.contains(number));
        assert!(is_used, "swap slot {number} is free");
        &mut self.slots[number]
    }

    fn compress(&mut self, page: &Content) -> Result<Slot, SwapError> {
        if let Some(word) = repeated_word(page) {
            return Ok(Slot {
                block: word,
                checksum: word,
                bytes: 0,
                users: 1,
            });
        }
        let bytes = compress_into_with_table(page, &mut self.compressed, &mut self.table);
        let stored = match bytes {
            Ok(bytes) if bytes < PAGE => &self.compressed[..bytes],
            _ => &page[..],
        };
        let block = kmalloc::kmalloc(stored.len(), Tag::KERNEL).map_err(SwapError::NoBlock)?;
        // SAFETY: the block is new and has this many bytes.
        unsafe {
            block
                .as_mut_ptr::<u8>()
                .copy_from_nonoverlapping(stored.as_ptr(), stored.len());
        }
        Ok(Slot {
            block: block.as_u64(),
            checksum: checksum(stored),
            bytes: stored.len() as u16,
            users: 1,
        })
    }
}

fn decompress(number: SwapSlot, slot: Slot, page: &mut Content) -> Result<(), SwapError> {
    if slot.bytes == 0 {
        for word in page.chunks_exact_mut(8) {
            word.copy_from_slice(&slot.block.to_le_bytes());
        }
        return Ok(());
    }
    let block = VirtAddr::new(slot.block);
    // SAFETY: the slot is used, so its block is live, and has this many bytes.
    let stored = unsafe { slice::from_raw_parts(block.as_ptr::<u8>(), slot.bytes.into()) };
    if checksum(stored) != slot.checksum {
        return Err(SwapError::Corrupt(number));
    }
    if stored.len() == PAGE {
        page.copy_from_slice(stored);
        return Ok(());
    }
    match decompress_into(stored, page) {
        Ok(PAGE) => Ok(()),
        _ => Err(SwapError::Corrupt(number)),
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

/// A checksum that changes with every bit and with the order of words.
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let sum = words.iter().fold(bytes.len() as u64, |sum, &word| {
        mix(sum, u64::from_le_bytes(word))
    });
    rest.iter().fold(sum, |sum, &byte| mix(sum, byte.into()))
}
