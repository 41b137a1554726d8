//! Memory events: the ring, and the time and call site of each event.
//!
//! The time is the raw time-stamp counter; the reader converts it. The call site is global state:
//! each public memory function stores its return address with [`set_site`] when it is entered, and
//! [`KernelTracer`] stamps every event with it. So an event costs no stack walk and no argument
//! through all layers.
//!
//! `trace=off` on the command line switches recording off: one branch per event remains. Then there
//! is no picture, because the dashboard knows the machine only by events.

use crate::machine::clock;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use mm::event::{Origin, OriginCell, Payload};
use mm::ring::{Producers, Ring};
use mm::tracer::Tracer;

/// The number of events that the ring holds: all of boot, and many pictures.
pub const CAPACITY: usize = 1 << 14;

/// All memory events of this machine.
pub static RING: Ring<CAPACITY, Handlers> = Ring::new();

static RECORDING: AtomicBool = AtomicBool::new(true);
/// Whether events were omitted, so that the picture must be built from the machine.
static OMITTED: AtomicBool = AtomicBool::new(false);

static ORIGIN: OriginCell = OriginCell::new();
static SPACE: AtomicU32 = AtomicU32::new(0);
static CAPTION: AtomicU32 = AtomicU32::new(0);

/// Producers are this CPU's interrupt handlers and the code that they interrupt. Each update is a
/// single instruction, which an interrupt cannot split, and needs no lock: there is one CPU.
/// Handlers are nested, so they need not enter slots; the main loop reads.
#[derive(Clone, Copy, Debug)]
pub struct Handlers;

impl Producers for Handlers {
    #[inline(always)]
    fn count(total: &AtomicU64) {
        // SAFETY: the reference is valid, and only this instruction writes the number.
        unsafe {
            core::arch::asm!("inc qword ptr [{}]", in(reg) total.as_ptr(), options(nostack));
        }
    }

    #[inline(always)]
    fn claim(head: &AtomicU64) -> u64 {
        let mut number = 1;
        // SAFETY: as in `count`.
        unsafe {
            core::arch::asm!(
                "xadd [{}], {}", in(reg) head.as_ptr(), inout(reg) number, options(nostack)
            );
        }
        number
    }

    #[inline(always)]
    fn enter(_: &AtomicU64, _: u64, _: u64) -> bool {
        true
    }
}

/// The tracer of every allocator of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct KernelTracer;

impl Tracer for KernelTracer {
    /// Always inlined: the caller knows the kind, so that encoding is a few shifts.
    #[inline(always)]
    fn record(&self, payload: Payload) {
        if is_on() {
            RING.push(clock::ticks, ORIGIN.get(), payload);
        }
    }
}

/// Returns whether events are recorded.
#[inline(always)]
pub fn is_on() -> bool {
    // SAFETY: there is one CPU, and no interrupt handler switches. A plain read becomes a part of
    // the comparison, which an atomic one does not.
    unsafe { *RECORDING.as_ptr() }
}

/// Switches recording on or off. Code that switches it off for a while must leave memory as it was;
/// otherwise the picture is wrong from then on.
pub fn switch(on: bool) {
    RECORDING.store(on, Ordering::Relaxed);
}

/// Records nothing while `work` changes memory in more steps than the ring holds. The dashboard
/// then builds its picture from the machine.
pub fn omit<T>(work: impl FnOnce() -> T) -> T {
    let was_on = RECORDING.swap(false, Ordering::Relaxed);
    let result = work();
    RECORDING.store(was_on, Ordering::Relaxed);
    OMITTED.store(was_on, Ordering::Relaxed);
    result
}

/// Returns whether events were omitted since the last call.
pub fn take_omitted() -> bool {
    OMITTED.swap(false, Ordering::Relaxed)
}

/// Records an event from outside the allocators.
#[inline]
pub fn record(payload: Payload) {
    KernelTracer.record(payload);
}

/// Makes events of the lower half belong to the address space of this process from now on.
pub fn enter_space(number: u32) {
    let previous = SPACE.swap(number, Ordering::Relaxed);
    if previous != number {
        record(Payload::SpaceSwitch { number, previous });
    }
}

/// Returns the process whose address space events of the lower half belong to.
pub fn space() -> u32 {
    SPACE.load(Ordering::Relaxed)
}

/// Records that the lesson shows the caption with this number.
pub fn caption(number: u32) {
    let previous = CAPTION.swap(number, Ordering::Relaxed);
    record(Payload::Caption { number, previous });
}

/// Sets the call site of the events from now on.
#[inline(always)]
pub fn set_site(address: u64) {
    ORIGIN.set(Origin::new(0, address as u32));
}

/// Returns the return address of the function that this is inlined into. That function must not be
/// inlined itself.
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
