//! Stack traces: a walk along the saved frame pointers.
//!
//! ```text
//! rbp ──► saved rbp of the caller ──► …        every function keeps one (see .cargo/config.toml)
//!         return address
//! ```
//! The chain may be broken, often by the error that is being reported. So the walk reads a word
//! only if it is mapped.

use super::symbols;
use heapless::Vec;
use spin::Once;
use x86_64::VirtAddr;

/// The maximum length of a trace.
pub const DEPTH: usize = 16;

/// Return addresses, innermost first; the first one is the instruction itself.
pub type Trace = Vec<u64, DEPTH>;

/// Returns whether an address is mapped. The walk reads no word before this is set.
static IS_MAPPED: Once<fn(VirtAddr) -> bool> = Once::new();

/// Sets the function that decides which words can be read.
pub fn set_is_mapped(is_mapped: fn(VirtAddr) -> bool) {
    IS_MAPPED.call_once(|| is_mapped);
}

/// Follows the frame pointers from `rbp`, beginning at `rip`.
pub fn walk(rip: u64, mut rbp: u64) -> Trace {
    let mut trace = Trace::new();
    let _ = trace.push(rip);
    while let Some(caller) = read(rbp.wrapping_add(8)) {
        let Some(next) = read(rbp) else { break };
        if caller == 0 || trace.push(caller).is_err() || next <= rbp {
            break;
        }
        rbp = next;
    }
    trace
}

/// Writes the trace to the log, a line for each caller.
pub fn log(rip: u64, rbp: u64) {
    let trace = walk(rip, rbp);
    for &address in &trace {
        log::error!("  at {address:#018x} {}", symbols::name(address));
    }
    if trace.is_full() {
        log::error!("  the trace ends after {DEPTH} callers");
    }
}

/// Returns the frame pointer of the caller.
#[inline(always)]
pub fn frame_pointer() -> u64 {
    let rbp: u64;
    // SAFETY: copies a register.
    unsafe {
        core::arch::asm!("mov {}, rbp", out(reg) rbp, options(nomem, nostack, preserves_flags));
    };
    rbp
}

/// Reads the word at this address, if it is a mapped kernel address.
fn read(address: u64) -> Option<u64> {
    let whole_word_mapped = address.is_multiple_of(8)
        && address >= 1 << 63
        && IS_MAPPED.get()?(VirtAddr::try_new(address).ok()?);
    // SAFETY: aligned, and mapped.
    whole_word_mapped.then(|| unsafe { (address as *const u64).read() })
}
