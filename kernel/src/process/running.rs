//! The process that runs now, and its memory.

use super::error::SpaceError;
use super::shortage::{make_room, with_room};
use super::table::{TABLE, Table};
use crate::memory::paging::kernel_space;
use core::sync::atomic::{AtomicU32, Ordering};
use mm::event::FAULT_COUNTS;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome, PageState, Region};
use x86_64::VirtAddr;
use x86_64::instructions::interrupts::without_interrupts;
use x86_64::registers::control::{Cr3, Cr3Flags};

/// The number of the process that runs now, 0 for none.
static CURRENT: AtomicU32 = AtomicU32::new(0);

/// Returns the number of the process that runs now.
#[inline]
pub fn current() -> Option<u32> {
    match CURRENT.load(Ordering::Relaxed) {
        0 => None,
        number => Some(number),
    }
}

/// Sets the process that runs now; 0 for none.
#[inline]
pub fn set_current(number: u32) {
    CURRENT.store(number, Ordering::Relaxed);
}

/// Counts a page fault of the current process. Does not wait for the process
/// table: code that locks it causes no faults.
pub fn count_fault() {
    let Some(number) = current() else { return };
    let mut table = TABLE.try_lock();
    if let Some(process) = table.as_mut().and_then(|table| table.get_mut(number)) {
        process.faults = (process.faults + 1) % FAULT_COUNTS;
    }
}

/// Returns why an access of the current process faulted, and the region that has the address.
/// Does not wait for the process table.
pub fn classify(address: VirtAddr, code: ErrorCode) -> (FaultCause, Option<Region>) {
    let mut table = TABLE.try_lock();
    let process = current().and_then(|number| table.as_mut()?.get_mut(number));
    match process {
        Some(process) => (
            process.space.classify(address, code),
            process.space.region(address).copied(),
        ),
        None => (
            mm::paging::classify(code, address, PageState::Absent, None),
            None,
        ),
    }
}

/// Resolves a page fault of the current process that has this cause.
///
/// # Errors
/// When the process is not entitled to the access, or memory runs out.
pub fn resolve(
    address: VirtAddr,
    code: ErrorCode,
    cause: FaultCause,
) -> Result<FaultOutcome, SpaceError> {
    let mut table = TABLE.lock();
    let number = current().ok_or(SpaceError::NoProcess)?;
    let process = table.get_mut(number).ok_or(SpaceError::NoProcess)?;
    match process.space.resolve(address, code, cause) {
        Err(error) if error.is_shortage() => {
            make_room(&mut table, number, error)?;
            resolve_with_room(&mut table, number, address, code)
        }
        result => result,
    }
}

/// Resolves a page fault after room was made, and makes more if necessary. The page itself may have
/// left its frame meanwhile, so the cause is found again each time.
#[cold]
fn resolve_with_room(
    table: &mut Table,
    number: u32,
    address: VirtAddr,
    code: ErrorCode,
) -> Result<FaultOutcome, SpaceError> {
    with_room(table, number, |space| {
        let is_mapped = space.lookup(address).is_some();
        let code = match is_mapped {
            true => code,
            false => code - ErrorCode::PROTECTION,
        };
        space.resolve_access(address, code)
    })
}

/// Runs kernel code with the page tables of a process, for a test.
///
/// # Panics
/// If there is no such process.
pub fn with_space<T>(number: u32, part: impl FnOnce() -> T) -> T {
    let root = TABLE
        .lock()
        .get_mut(number)
        .expect("the process exists")
        .space
        .root();
    let kernel_root = kernel_space::lock().root();
    without_interrupts(|| {
        set_current(number);
        // SAFETY: the process's tables have the kernel's half, so everything here stays mapped.
        unsafe { Cr3::write(root, Cr3Flags::empty()) };
        let result = part();
        // SAFETY: as above.
        unsafe { Cr3::write(kernel_root, Cr3Flags::empty()) };
        set_current(0);
        result
    })
}
