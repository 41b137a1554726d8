//! The lower half of the address space: a process's memory on one page.
//!
//! ```text
//! 0x0000_7fff_f000_0000  end of the stack, which grows downwards to its guard page
//! 0x0000_2000_0000_0000  mappings, each a demand-zero region
//! 0x0000_1000_0000_0000  heap, up to its break: a demand-zero region
//! 0x0000_0000_0040_0000  program: read and execute
//! 0x0000_0000_0000_0000  nothing: a null pointer faults
//! ```

use crate::memory::physical::direct_map::FRAME;
use x86_64::VirtAddr;

/// The address of programs.
pub const PROGRAM: VirtAddr = VirtAddr::new(0x40_0000);
/// The start of the heap.
pub const HEAP: VirtAddr = VirtAddr::new(0x1000_0000_0000);
/// The maximum size of the heap in bytes.
pub const HEAP_LIMIT: u64 = 16 << 20;
/// The start of the mappings.
pub const MAPPINGS: VirtAddr = VirtAddr::new(0x2000_0000_0000);
/// One past the last address of a mapping: the guard page of the longest stack.
pub const MAPPINGS_END: VirtAddr = VirtAddr::new(STACK_END.as_u64() - STACK_LIMIT - FRAME);
/// The maximum size of one mapping in bytes.
pub const MAPPING_LIMIT: u64 = 16 << 20;
/// One past the stack.
pub const STACK_END: VirtAddr = VirtAddr::new(0x7fff_f000_0000);
/// The maximum size of the stack in bytes.
pub const STACK_LIMIT: u64 = 256 << 10;
/// The maximum number of pages of one process, so that one process cannot use up all memory.
pub const PAGE_LIMIT: u64 = 2048;
/// Returns the name of the area that an address of the lower half is in, or an empty string.
pub fn name(address: u64) -> &'static str {
    match address {
        _ if address < PROGRAM.as_u64() => "",
        _ if address < HEAP.as_u64() => "program",
        _ if address < MAPPINGS.as_u64() => "heap",
        _ if address < MAPPINGS_END.as_u64() => "mappings",
        _ if address < STACK_END.as_u64() => "stack",
        _ => "",
    }
}
