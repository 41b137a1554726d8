//! Reading a process's memory for a system call.
//!
//! Ring 0 never touches a user address: each page is looked up, made present if the process is
//! entitled to it, and reached through the direct map. So a bad pointer is an error and not a
//! fault, and SMAP can stay on all the time.

use super::{AddressSpace, SpaceError};
use crate::memory::paging::kernel_space::PagingError;
use crate::memory::physical::frames::{self, FRAME};
use mm::paging::{Access, ErrorCode, FaultCause};
use x86_64::VirtAddr;

/// The first address that no process has.
const END: u64 = 1 << 47;

/// Copies `buffer.len()` bytes from a process.
///
/// # Errors
/// On the first page that the process may not read.
pub fn read(space: &mut AddressSpace, from: u64, buffer: &mut [u8]) -> Result<(), SpaceError> {
    let mut done = 0;
    while done < buffer.len() {
        let (source, bytes) = part(space, from, done, buffer.len())?;
        // SAFETY: the frame is mapped in the process and so allocated; the part ends at its end at
        // most.
        unsafe { source.copy_to_nonoverlapping(buffer[done..].as_mut_ptr(), bytes) };
        done += bytes;
    }
    Ok(())
}

/// Where the direct map shows the byte at `start + done`, and how many of `total` are left in its
/// page.
fn part(
    space: &mut AddressSpace,
    start: u64,
    done: usize,
    total: usize,
) -> Result<(*mut u8, usize), SpaceError> {
    let address = start.wrapping_add(done as u64);
    let in_user_half = start < END && address < END;
    let at = VirtAddr::new_truncate(address);
    if !in_user_half {
        return Err(SpaceError::Forbidden(at, FaultCause::UserTouchedKernel));
    }
    let readable = |space: &AddressSpace| {
        space
            .lookup(at)
            .filter(|found| found.access.contains(Access::USER))
    };
    let mapping = match readable(space) {
        Some(mapping) => mapping,
        None => {
            space.resolve(at, ErrorCode::USER)?;
            readable(space).ok_or(PagingError::NotMapped(at))?
        }
    };
    let left = (FRAME - address % FRAME) as usize;
    Ok((frames::pointer(mapping.physical), left.min(total - done)))
}
