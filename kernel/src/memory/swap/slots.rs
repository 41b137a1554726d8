//! The slots of swap: numbered pages, each with its users.
//!
//! Several page-table entries may name one slot, after a fork, and a frame that still has the
//! content is a user too. Invariant: a slot is in the bitmap of free slots if and only if it has no
//! user.

use super::content::Content;
use super::device::{Device, DeviceKind, Stored};
use super::devices::Devices;
use super::disk::Disk;
use super::error::SwapError;
use crate::lock::{Mutex, MutexGuard};
use crate::machine::clock;
use crate::memory::physical::frames;
use crate::memory::physical::slices::Slices;
use crate::memory::trace;
use core::sync::atomic::{AtomicBool, Ordering};
use mm::bitmap::Bitmap;
use mm::event::Payload;
use mm::frame::FaultInjection;
use mm::paging::SwapSlot;
use mm::tag::Tag;

/// How much is in swap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Slots of the table; 0 before the first page is stored.
    pub slots: usize,
    /// Slots with a page.
    pub used: usize,
    /// Bytes of the stored pages: compressed, unless they are on a disk.
    pub stored_bytes: u64,
    /// Pages that were stored since boot.
    pub written: u64,
    /// Pages that were read back since boot.
    pub read: u64,
    /// Requests of the device that failed since boot.
    pub failed: u64,
    /// Ticks of the time-stamp counter that storing and reading took.
    pub device_ticks: u64,
}

/// How many slots are tried for one page. A disk on which none of them can be written is broken.
const ATTEMPTS: u32 = 8;
/// The most slots: as many pages as 4 GiB hold.
const MOST_SLOTS: usize = 1 << 20;

static ON: AtomicBool = AtomicBool::new(true);

/// A stored page: 24 bytes.
#[derive(Clone, Copy)]
struct Slot {
    stored: Stored,
    users: u16,
}

struct Swap {
    slots: &'static mut [Slot],
    /// The free slots, once there is a table.
    free: Option<Bitmap<'static>>,
    /// Owns the memory of the two fields above.
    memory: Option<Slices>,
    /// After a write that failed: the slot from which the next search begins.
    search_from: usize,
    devices: Devices,
    /// Room for a page that is read in part.
    scratch: Content,
    statistics: Statistics,
}

static SWAP: Mutex<Swap> = Mutex::new(Swap {
    slots: &mut [],
    free: None,
    memory: None,
    search_from: 0,
    devices: Devices::new(),
    scratch: [0; size_of::<Content>()],
    statistics: Statistics {
        slots: 0,
        used: 0,
        stored_bytes: 0,
        written: 0,
        read: 0,
        failed: 0,
        device_ticks: 0,
    },
});

/// Switches swap on or off, at boot.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Returns whether pages can be stored.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Stores pages on this disk from now on, at boot.
pub fn attach(disk: Disk) {
    SWAP.lock().devices.attach(disk);
}

/// Returns the device on which pages are stored.
pub fn device_in_use() -> DeviceKind {
    SWAP.lock().devices.kind()
}

/// Returns how much is in swap.
pub fn statistics() -> Statistics {
    SWAP.lock().statistics
}

/// Stores a page in a new slot with one user.
///
/// # Errors
/// When there is no slot or no block, or the disk refuses several slots; no page is stored then.
pub fn store(page: &Content) -> Result<SwapSlot, SwapError> {
    let mut swap = ready()?;
    let begin = clock::ticks();
    let result = swap.store_in_free_slot(page);
    swap.statistics.device_ticks += clock::ticks() - begin;
    let (slot, stored) = result?;
    let number = slot.number() as usize;
    let bytes = stored.bytes;
    swap.slots[number] = Slot { stored, users: 1 };
    let free = swap.free.as_mut().expect("the table is ready");
    free.remove(number);
    swap.statistics.used += 1;
    swap.statistics.written += 1;
    swap.statistics.stored_bytes += u64::from(bytes);
    trace::record(Payload::SlotAllocate {
        slot: slot.number(),
        bytes,
    });
    Ok(slot)
}

/// Reads a page back. The slot stays.
///
/// # Errors
/// When the stored bytes are corrupt, or the disk refuses; `page` has no meaning then.
///
/// # Panics
/// If the slot is free.
pub fn load(slot: SwapSlot, page: &mut Content) -> Result<(), SwapError> {
    let mut swap = SWAP.lock();
    swap.statistics.read += 1;
    let stored = swap.used_slot(slot).stored;
    let begin = clock::ticks();
    let content = swap.devices.load(slot, &stored, page);
    swap.statistics.device_ticks += clock::ticks() - begin;
    swap.statistics.failed += u64::from(content.is_err());
    content
}

/// Reads bytes of a page in swap, from this offset on.
///
/// # Errors
/// When the stored bytes are corrupt, or the disk refuses.
///
/// # Panics
/// If the slot is free, or the bytes reach past the page.
pub fn read(slot: SwapSlot, offset: usize, bytes: &mut [u8]) -> Result<(), SwapError> {
    let mut swap = SWAP.lock();
    let stored = swap.used_slot(slot).stored;
    let Swap {
        devices, scratch, ..
    } = &mut *swap;
    devices.load(slot, &stored, scratch)?;
    bytes.copy_from_slice(&swap.scratch[offset..][..bytes.len()]);
    Ok(())
}

/// Makes the table of slots if there is none.
///
/// # Errors
/// When swap is off, or there are no frames for it.
pub fn make_table() -> Result<(), SwapError> {
    ready().map(drop)
}

/// Frees the table of slots if none is used.
pub fn free_table() {
    let mut swap = SWAP.lock();
    if swap.statistics.used == 0 {
        swap.free = None;
        swap.slots = &mut [];
        swap.search_from = 0;
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
    let Slot { stored, users } = *found;
    let bytes = stored.bytes;
    found.users = users - 1;
    if users > 1 {
        record_users(slot, users, users - 1);
        return;
    }
    let free = swap.free.as_mut().expect("there is a table of slots");
    free.insert(slot.number() as usize);
    swap.statistics.used -= 1;
    swap.statistics.stored_bytes -= u64::from(bytes);
    trace::record(Payload::SlotFree {
        slot: slot.number(),
        bytes,
    });
    swap.devices.free(stored);
}

/// Calls `visit` with number, users and stored bytes of each slot in use, ascending.
pub fn for_each_used(mut visit: impl FnMut(u32, u16, u16)) {
    let swap = SWAP.lock();
    let Some(free) = &swap.free else { return };
    let mut number = free.first_missing_from(0);
    while number < swap.slots.len() {
        let Slot { stored, users } = swap.slots[number];
        visit(number as u32, users, stored.bytes);
        number = free.first_missing_from(number + 1);
    }
}

/// For a test: flips a bit of a stored page. Returns false if the page has no block.
pub fn corrupt_for_test(slot: SwapSlot) -> bool {
    let mut swap = SWAP.lock();
    let stored = swap.used_slot(slot).stored;
    swap.devices.corrupt_for_test(slot, &stored)
}

/// For a test: the next requests to store or to load a page fail as this value says.
pub fn inject_failures_for_test(injection: FaultInjection) {
    SWAP.lock().devices.inject_failures(injection);
}

fn record_users(slot: SwapSlot, from: u16, to: u16) {
    let slot = slot.number();
    trace::record(Payload::SlotReference { slot, from, to });
}

/// Locks swap, and makes its table at the first use.
fn ready() -> Result<MutexGuard<'static, Swap>, SwapError> {
    if !is_on() {
        return Err(SwapError::Off);
    }
    let mut swap = SWAP.lock();
    if swap.free.is_none() {
        let frames = frames::lock().frames();
        let count = swap.devices.slots(frames).min(MOST_SLOTS);
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

/// Returns the bytes of the tables of slots of a machine with so many frames.
pub fn table_bytes(frames: usize) -> usize {
    let slots = SWAP.lock().devices.slots(frames).min(MOST_SLOTS);
    slots * size_of::<Slot>() + Bitmap::words(slots) * size_of::<u64>()
}

impl Swap {
    /// Stores a page in a free slot, which stays in the bitmap of free slots. If the disk does not
    /// write one slot, another may do: a sector can be bad.
    fn store_in_free_slot(&mut self, page: &Content) -> Result<(SwapSlot, Stored), SwapError> {
        let mut attempts = ATTEMPTS;
        loop {
            let slot = self.free_slot()?;
            attempts -= 1;
            let stored = self.devices.store(slot, page);
            self.statistics.failed += u64::from(stored.is_err());
            match stored {
                Err(error) if error.is_of_slot() => {
                    self.search_from = slot.number() as usize + 1;
                    if attempts == 0 {
                        return Err(error);
                    }
                    log::warn!("{error}; the page goes to another slot");
                }
                result => return result.map(|stored| (slot, stored)),
            }
        }
    }

    /// Returns a free slot: the first from `search_from` on, else the first.
    fn free_slot(&self) -> Result<SwapSlot, SwapError> {
        let free = self.free.as_ref().expect("the table is ready");
        let found = free.first_from(self.search_from);
        let number = found.or_else(|| free.first_from(0));
        match number {
            Some(number) => Ok(SwapSlot::new(number as u32)),
            None => Err(SwapError::Full(self.slots.len())),
        }
    }

    fn used_slot(&mut self, slot: SwapSlot) -> &mut Slot {
        let number = slot.number() as usize;
        let free = self.free.as_ref();
        let is_used = free.is_some_and(|free| !free.contains(number));
        assert!(is_used, "swap slot {number} is free");
        &mut self.slots[number]
    }
}
