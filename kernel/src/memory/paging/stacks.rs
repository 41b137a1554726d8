//! Kernel stacks, each between two guard pages.
//!
//! ```text
//! slot n:  guard page │ not mapped │ stack, grows downwards ◄── │ guard page
//!                                  └ start                  end ┘
//! ```
//! An overflow of either end touches a page that is never mapped. The fault handler runs on its own
//! stack and reports which stack it was.

use crate::lock::Mutex;
use crate::machine::segments::FaultStack;
use crate::memory::paging::kernel_space::{self, PagingError};
use crate::memory::paging::{guard_pages, layout, regions};
use crate::memory::physical::frames::FRAME;
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use mm::units::Bytes;
use x86_64::VirtAddr;

/// Bytes of the stack that the kernel's main loop runs on, the largest one.
pub const MAIN_STACK: u64 = 768 << 10;
/// Bytes of each fault's stack.
pub const FAULT_STACK: u64 = 32 << 10;
/// Bytes of the stack that a process's system calls run on.
pub const PROCESS_STACK: u64 = 16 << 10;

/// The maximum number of stacks.
const SLOTS: u32 = 32;
/// A bit for each slot in use.
static TAKEN: AtomicU32 = AtomicU32::new(0);
/// The owner of each slot, and the size of its stack.
static OWNERS: Mutex<[Option<(Owner, u64)>; SLOTS as usize]> = Mutex::new([None; SLOTS as usize]);

/// The owner of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The main loop.
    Main,
    /// The handlers of a kind of fault.
    Fault(FaultStack),
    /// The system calls of a process.
    Process(u32),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Main => f.write_str("kernel's main stack"),
            Owner::Fault(FaultStack::DoubleFault) => f.write_str("double-fault stack"),
            Owner::Fault(FaultStack::PageFault) => f.write_str("page-fault stack"),
            Owner::Fault(FaultStack::NonMaskable) => f.write_str("NMI stack"),
            Owner::Process(number) => write!(f, "kernel stack of process {number}"),
        }
    }
}

/// A guard page of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Below its start: an overflow hits it.
    Below,
    /// Above its end.
    Above,
}

/// Returns the distance of two slots.
fn stride() -> u64 {
    MAIN_STACK + 2 * guard_pages::bytes()
}

/// Returns the guard page below the stack of this owner, if it has one.
pub fn guard_below(owner: Owner) -> Option<VirtAddr> {
    if !guard_pages::is_on() {
        return None;
    }
    let owners = OWNERS.lock();
    let mut slots = (0..SLOTS).zip(owners.iter());
    slots.find_map(|(slot, taken)| {
        let (_, bytes) = (*taken).filter(|taken| taken.0 == owner)?;
        Some(Stack { slot, bytes }.start() - FRAME)
    })
}

/// Returns the stack whose guard page has this address. Does not wait: a fault may come at any
/// time.
pub fn beside(address: VirtAddr) -> Option<(Owner, Side)> {
    let slot = address.as_u64().checked_sub(layout::STACKS.as_u64())? / stride();
    let owners = OWNERS.try_lock()?;
    let (owner, bytes) = (*owners.get(slot as usize)?)?;
    let stack = Stack {
        slot: slot as u32,
        bytes,
    };
    if address >= stack.end() {
        Some((owner, Side::Above))
    } else if address < stack.start() {
        Some((owner, Side::Below))
    } else {
        None
    }
}

/// A mapped stack.
#[derive(Debug)]
#[must_use = "a stack without an owner is never freed"]
pub struct Stack {
    slot: u32,
    bytes: u64,
}

impl Stack {
    /// Returns one past the highest byte: the initial stack pointer.
    pub fn end(&self) -> VirtAddr {
        layout::STACKS + (u64::from(self.slot) + 1) * stride() - guard_pages::bytes()
    }

    /// Returns the lowest usable byte.
    pub fn start(&self) -> VirtAddr {
        self.end() - self.bytes
    }
}

/// Maps a stack of `bytes` (a multiple of 4096, [`MAIN_STACK`] at most) and opens its guard
/// regions.
///
/// # Errors
/// When frames run out, for the stack or for the tables, or all slots are taken.
pub fn allocate(bytes: u64, owner: Owner) -> Result<Stack, PagingError> {
    let taken = TAKEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
        (taken.trailing_ones() < SLOTS).then(|| taken | 1 << taken.trailing_ones())
    });
    let slot = taken
        .map_err(|_| PagingError::OutOfFrames(layout::STACKS))?
        .trailing_ones();
    let stack = Stack { slot, bytes };
    let mut page = stack.start();
    while page < stack.end() {
        if let Err(error) = kernel_space::map_frame(page, Tag::STACK) {
            kernel_space::unmap_frames(stack.start(), page);
            TAKEN.fetch_and(!(1 << slot), Ordering::Relaxed);
            return Err(error);
        }
        page += FRAME;
    }
    regions::open(stack.start(), bytes, RegionPolicy::Fixed, Tag::STACK);
    guard_pages::open(stack.start() - FRAME, Tag::STACK);
    guard_pages::open(stack.end(), Tag::STACK);
    OWNERS.lock()[slot as usize] = Some((owner, bytes));
    Ok(stack)
}

/// Logs how much of the main stack was ever used: from its highest byte down to the last one that
/// is not 0. A test checks that a part of it was not.
pub fn report_main() {
    let owners = OWNERS.lock();
    let mut slots = (0..SLOTS).zip(owners.iter());
    let main = slots.find_map(|(slot, taken)| {
        let (_, bytes) = (*taken).filter(|taken| taken.0 == Owner::Main)?;
        Some(Stack { slot, bytes })
    });
    drop(owners);
    let Some(stack) = main else {
        return;
    };
    let words = stack.bytes as usize / size_of::<u64>();
    let start = stack.start().as_ptr::<u64>();
    // SAFETY: the main stack is mapped forever, and its frames were zeroed. Its used end, which the
    // code above here writes to, may change; it is read once, word by word.
    let is_unused = |&word: &usize| unsafe { start.add(word).read_volatile() } == 0;
    let unused = (0..words).take_while(is_unused).count() * size_of::<u64>();
    log::info!(
        "the main stack used {} of {}",
        Bytes(stack.bytes - unused as u64),
        Bytes(stack.bytes)
    );
}

/// Frees a stack. No code may run on it.
pub fn release(stack: Stack) {
    OWNERS.lock()[stack.slot as usize] = None;
    regions::close(stack.start());
    guard_pages::close(stack.start() - FRAME);
    guard_pages::close(stack.end());
    kernel_space::unmap_frames(stack.start(), stack.end());
    TAKEN.fetch_and(!(1 << stack.slot), Ordering::Relaxed);
}

/// Leaves the boot stack forever, and continues with `next` on this one.
pub fn enter(stack: Stack, next: extern "C" fn() -> !) -> ! {
    // SAFETY: the stack is mapped, empty and unused; `next` never returns, so the old stack is not
    // needed again. The call pushes 8 bytes below a 16-byte boundary, as the
    // calling convention wants; frame pointer 0 ends stack traces.
    unsafe {
        core::arch::asm!(
            "mov rsp, {stack}", "xor ebp, ebp", "call {next}", "ud2",
            stack = in(reg) stack.end().as_u64(), next = in(reg) next, options(noreturn)
        )
    }
}
