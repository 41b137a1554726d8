//! Where memory events go: the ring, stamped with time and call site.
//!
//! A stamp is the raw time-stamp counter; whoever reads the ring converts it. The call site is the
//! return address of the last public memory function that was entered: one store there instead
//! of a stack walk at each event.
//!
//! `trace=off` on the command line switches recording off: one branch an event is left. There is no
//! picture then, because it knows the machine only through events.

use crate::machine::clock;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use mm::event::{Origin, OriginCell, Payload};
use mm::ring::Ring;
use mm::tracer::Tracer;

/// Events that the ring holds: all of boot, and many frames of drawing.
pub const CAPACITY: usize = 1 << 14;

/// All memory events of this machine.
pub static RING: Ring<CAPACITY> = Ring::new();

static RECORDING: AtomicBool = AtomicBool::new(true);

static ORIGIN: OriginCell = OriginCell::new();
static SPACE: AtomicU32 = AtomicU32::new(0);
static CAPTION: AtomicU32 = AtomicU32::new(0);

/// The tracer that every allocator of the kernel carries.
#[derive(Clone, Copy, Debug)]
pub struct KernelTracer;

impl Tracer for KernelTracer {
    /// Always inline: where it is called the kind is known, and what is left of encoding is a
    /// handful of shifts. All of it is 28 to 32 instructions.
    #[inline(always)]
    fn record(&self, payload: Payload) {
        if is_on() {
            RING.push(clock::ticks, ORIGIN.get(), payload);
        }
    }
}

/// Whether events are recorded.
#[inline(always)]
pub fn is_on() -> bool {
    RECORDING.load(Ordering::Relaxed)
}

/// Switches recording on or off. Whoever switches it off for a while must leave memory as it was,
/// or the picture is wrong from then on.
pub fn switch(on: bool) {
    RECORDING.store(on, Ordering::Relaxed);
}

/// Records one thing that happened outside the allocators.
#[inline]
pub fn record(payload: Payload) {
    KernelTracer.record(payload);
}

/// From now on events of the lower half are about the address space of this process.
pub fn enter_space(number: u32) {
    let previous = SPACE.swap(number, Ordering::Relaxed);
    if previous != number {
        record(Payload::SpaceSwitch { number, previous });
    }
}

/// Whose address space events of the lower half are about now.
pub fn space() -> u32 {
    SPACE.load(Ordering::Relaxed)
}

/// The script says what is going on, by the number of a caption.
pub fn caption(number: u32) {
    let previous = CAPTION.swap(number, Ordering::Relaxed);
    record(Payload::Caption { number, previous });
}

/// From now on events come from this code address.
#[inline(always)]
pub fn set_site(address: u64) {
    ORIGIN.set(Origin::new(0, address as u32));
}

/// The return address of the function that this is inlined into. That function must not be inlined
/// itself.
#[inline(always)]
pub fn return_address() -> u64 {
    let address: u64;
    // SAFETY: every function of the kernel keeps a frame pointer, and the word above the saved one
    // is the return address.
    unsafe {
        core::arch::asm!(
            "mov {}, [rbp + 8]", out(reg) address, options(readonly, nostack, preserves_flags)
        );
    }
    address
}
