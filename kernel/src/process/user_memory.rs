//! Reads a process's memory for a system call.
//!
//! Ring 0 never touches a user address: each page is looked up and reached through the direct map.
//! So a bad pointer is an error and not a fault, and SMAP can stay on all the time. Reading changes
//! nothing: a page that would be mapped at its first touch reads as the zeros that it would hold.

use super::address_space::AddressSpace;
use super::error::SpaceError;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::swap;
use mm::paging::{Access, ErrorCode, FaultCause};
use x86_64::VirtAddr;

/// The end of the lower half.
const END: u64 = 1 << 47;

/// Copies `buffer.len()` bytes from a process.
///
/// # Errors
/// On the first page that the process may not read.
pub fn read(space: &AddressSpace, from: u64, buffer: &mut [u8]) -> Result<(), SpaceError> {
    let mut done = 0;
    while done < buffer.len() {
        let address = from.wrapping_add(done as u64);
        let left_in_page = (FRAME - address % FRAME) as usize;
        let end = buffer.len().min(done + left_in_page);
        read_part(space, address, &mut buffer[done..end])?;
        done = end;
    }
    Ok(())
}

/// Copies bytes within one page.
fn read_part(space: &AddressSpace, address: u64, buffer: &mut [u8]) -> Result<(), SpaceError> {
    let at = VirtAddr::new_truncate(address);
    if address >= END {
        return Err(SpaceError::Forbidden(at, FaultCause::UserTouchedKernel));
    }
    let mapping = space.lookup(at);
    match mapping.filter(|found| found.access.contains(Access::USER)) {
        Some(mapping) => {
            let source = frames::pointer(mapping.physical);
            // SAFETY: the frame is mapped in the process, and the part ends within it.
            unsafe { source.copy_to_nonoverlapping(buffer.as_mut_ptr(), buffer.len()) };
            Ok(())
        }
        None => match space.classify(at, ErrorCode::USER) {
            FaultCause::DemandZero | FaultCause::StackGrowth => {
                buffer.fill(0);
                Ok(())
            }
            FaultCause::Swapped => {
                let slot = space.swapped(at.align_down(FRAME));
                let slot = slot.expect("the page was classified as in swap");
                Ok(swap::read(slot, (address % FRAME) as usize, buffer)?)
            }
            cause => Err(SpaceError::Forbidden(at, cause)),
        },
    }
}
