//! Exceptions and interrupts: one table, one way in, one frame.
//!
//! ```text
//! CPU pushes        SS RSP RFLAGS CS RIP (error code)
//! stub pushes       0 if the CPU pushed no error code, then the vector
//! common pushes     all general registers
//!                   ──► dispatch(&mut TrapFrame)
//! ```
//! Source: Intel SDM vol. 3A, chapter 6.

use super::power::Status;
use super::segments::{self, FaultStack};
use super::{clock, machine_check, power, serial, stack_trace};
use crate::process::{self, End, syscall};
use core::arch::naked_asm;
use pic8259::ChainedPics;
use spin::{Mutex, Once};
use x86_64::registers::control::Cr2;
use x86_64::structures::idt::InterruptDescriptorTable;
use x86_64::{PrivilegeLevel, VirtAddr};

/// The first vector after the CPU's own exceptions: where the interrupt controllers deliver.
const FIRST_INTERRUPT: u8 = 32;
/// The vector of machine checks.
const MACHINE_CHECK: u64 = 18;
/// The timer's interrupt.
const TIMER: u64 = FIRST_INTERRUPT as u64;
/// All lines of the two controllers are masked but the timer's; see [`listen`].
const INTERRUPT_MASKS: [u8; 2] = [0b1111_1110, 0b1111_1111];

// SAFETY: the vectors 32 to 47 collide with no exception.
static CONTROLLERS: Mutex<ChainedPics> =
    Mutex::new(unsafe { ChainedPics::new_contiguous(FIRST_INTERRUPT) });
static TABLE: Once<InterruptDescriptorTable> = Once::new();

/// Everything the CPU was doing when a trap came, as it lies on the stack.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TrapFrame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rbp: u64,
    pub rdi: u64,
    pub rsi: u64,
    pub rdx: u64,
    pub rcx: u64,
    pub rbx: u64,
    pub rax: u64,
    /// 0 to 31 an exception, above an interrupt.
    pub vector: u64,
    /// What the CPU says about it; 0 where it says nothing.
    pub error_code: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

/// RFLAGS of a new process: interrupts on.
const USER_FLAGS: u64 = 1 << 9 | 1 << 1;

impl TrapFrame {
    /// The registers of a process that begins at `entry` with an empty stack.
    pub fn for_user(entry: VirtAddr, stack_end: VirtAddr) -> TrapFrame {
        let (cs, ss) = segments::user();
        TrapFrame {
            rip: entry.as_u64(),
            cs,
            rflags: USER_FLAGS,
            rsp: stack_end.as_u64(),
            ss,
            ..TrapFrame::default()
        }
    }

    /// Whether ring 3 was interrupted.
    pub fn is_from_user(&self) -> bool {
        self.cs & 3 == 3
    }
}

/// Loads the table. From now on faults are caught.
pub fn init() {
    TABLE
        .call_once(|| {
            let mut table = InterruptDescriptorTable::new();
            // SAFETY: each stub builds the frame for its own vector and returns by `iretq`; the
            // stacks of the interrupt stack table are set.
            unsafe {
                let stub = |vector: usize| VirtAddr::new(STUBS[vector] as usize as u64);
                table.divide_error.set_handler_addr(stub(0));
                table.debug.set_handler_addr(stub(1));
                table
                    .non_maskable_interrupt
                    .set_handler_addr(stub(2))
                    .set_stack_index(FaultStack::NonMaskable as u16);
                table.breakpoint.set_handler_addr(stub(3));
                table.overflow.set_handler_addr(stub(4));
                table.bound_range_exceeded.set_handler_addr(stub(5));
                table.invalid_opcode.set_handler_addr(stub(6));
                table.device_not_available.set_handler_addr(stub(7));
                table
                    .double_fault
                    .set_handler_addr(stub(8))
                    .set_stack_index(FaultStack::DoubleFault as u16);
                table.invalid_tss.set_handler_addr(stub(10));
                table.segment_not_present.set_handler_addr(stub(11));
                table.stack_segment_fault.set_handler_addr(stub(12));
                table.general_protection_fault.set_handler_addr(stub(13));
                table
                    .page_fault
                    .set_handler_addr(stub(14))
                    .set_stack_index(FaultStack::PageFault as u16);
                table.x87_floating_point.set_handler_addr(stub(16));
                table.alignment_check.set_handler_addr(stub(17));
                table
                    .machine_check
                    .set_handler_addr(stub(18))
                    .set_stack_index(FaultStack::NonMaskable as u16);
                table.simd_floating_point.set_handler_addr(stub(19));
                table.virtualization.set_handler_addr(stub(20));
                table.cp_protection_exception.set_handler_addr(stub(21));
                table.security_exception.set_handler_addr(stub(30));
                table[syscall::VECTOR]
                    .set_handler_addr(stub(SYSTEM_CALL_STUB))
                    .set_privilege_level(PrivilegeLevel::Ring3);
                for vector in FIRST_INTERRUPT..FIRST_INTERRUPT + 16 {
                    table[vector].set_handler_addr(stub(usize::from(vector)));
                }
            }
            table
        })
        .load();
}

/// Leaves only the double fault's entry, so that the next exception cannot be delivered.
pub fn lose_all_but_double_fault() {
    static LOST: Once<InterruptDescriptorTable> = Once::new();
    LOST.call_once(|| {
        let mut table = InterruptDescriptorTable::new();
        // SAFETY: as in `init`.
        unsafe {
            table
                .double_fault
                .set_handler_addr(VirtAddr::new(STUBS[8] as usize as u64))
                .set_stack_index(FaultStack::DoubleFault as u16);
        }
        table
    })
    .load();
}

/// Lets interrupts in.
pub fn enable_interrupts() {
    // SAFETY: the table has a handler for each vector that the controllers can deliver.
    let masks = unsafe {
        let mut controllers = CONTROLLERS.lock();
        controllers.initialize();
        controllers.write_masks(INTERRUPT_MASKS[0], INTERRUPT_MASKS[1]);
        controllers.read_masks()
    };
    // Without controllers the ports are empty, and read as all ones.
    clock::rely_on_tick(masks == INTERRUPT_MASKS);
    x86_64::instructions::interrupts::enable();
}

/// Lets this line of the controllers in as well.
#[cfg(feature = "demo")]
pub fn listen(line: u8) {
    /// Where the first controller hears the second.
    const CASCADE: u8 = 2;
    // SAFETY: every line has a handler.
    x86_64::instructions::interrupts::without_interrupts(|| unsafe {
        let mut controllers = CONTROLLERS.lock();
        let [first, second] = controllers.read_masks();
        let open = !(1 << line | 1 << CASCADE);
        let masks = u16::from_le_bytes([first, second]) & open;
        let [first, second] = masks.to_le_bytes();
        controllers.write_masks(first, second);
    });
}

/// Every trap arrives here.
extern "C" fn dispatch(frame: &mut TrapFrame) {
    const SYSTEM_CALL: u64 = syscall::VECTOR as u64;
    match frame.vector {
        14 => crate::interrupts::page_fault::page_fault(frame, Cr2::read_raw()),
        SYSTEM_CALL => syscall::serve(frame),
        vector if vector >= u64::from(FIRST_INTERRUPT) => {
            #[cfg(feature = "demo")]
            if vector != TIMER {
                super::ps2::interrupt();
            }
            // SAFETY: the vector is the one that is being handled.
            unsafe { CONTROLLERS.lock().notify_end_of_interrupt(vector as u8) };
            // The timer's tick wakes the CPU, and ends the turn of a process.
            if vector == TIMER && frame.is_from_user() {
                process::end_turn();
            }
        }
        3 if !frame.is_from_user() => log::info!("breakpoint at {:#x}", frame.rip),
        8 => fatal(
            frame,
            format_args!("double fault: a fault while a fault was being delivered"),
        ),
        vector if frame.is_from_user() && vector != 2 && vector != MACHINE_CHECK => {
            let name = exception_name(vector);
            log::info!(
                "process {} at {:#x}: {name}",
                process::current().unwrap_or_default(),
                frame.rip
            );
            process::end(End::Exception(vector as u8));
        }
        vector => fatal(frame, format_args!("{}", exception_name(vector))),
    }
}

/// Reports a trap that the kernel cannot survive, and ends the run.
pub fn fatal(frame: &TrapFrame, cause: core::fmt::Arguments<'_>) -> ! {
    // SAFETY: whoever holds the port was interrupted for good.
    unsafe { serial::seize() };
    log::error!("{cause}");
    if frame.vector == MACHINE_CHECK {
        machine_check::log();
    }
    log::error!(
        "  rip {:#018x}  rsp {:#018x}  rbp {:#018x}  flags {:#x}  code {:#x}",
        frame.rip,
        frame.rsp,
        frame.rbp,
        frame.rflags,
        frame.error_code
    );
    log::error!(
        "  rax {:#018x}  rbx {:#018x}  rcx {:#018x}  rdx {:#018x}",
        frame.rax,
        frame.rbx,
        frame.rcx,
        frame.rdx
    );
    log::error!(
        "  rsi {:#018x}  rdi {:#018x}  r8  {:#018x}  r9  {:#018x}",
        frame.rsi,
        frame.rdi,
        frame.r8,
        frame.r9
    );
    log::error!(
        "  r10 {:#018x}  r11 {:#018x}  r12 {:#018x}  r13 {:#018x}",
        frame.r10,
        frame.r11,
        frame.r12,
        frame.r13
    );
    log::error!("  r14 {:#018x}  r15 {:#018x}", frame.r14, frame.r15);
    stack_trace::log(frame.rip, frame.rbp);
    power::off(Status::Failure)
}

/// The CPU's name for an exception.
fn exception_name(vector: u64) -> &'static str {
    match vector {
        0 => "divide error",
        1 => "debug exception",
        2 => "non-maskable interrupt",
        4 => "overflow",
        5 => "bound range exceeded",
        6 => "invalid opcode",
        7 => "device not available",
        10 => "invalid TSS",
        11 => "segment not present",
        12 => "stack-segment fault",
        13 => "general protection fault",
        16 => "x87 floating-point exception",
        17 => "alignment check",
        18 => "machine check",
        19 => "SIMD floating-point exception",
        20 => "virtualization exception",
        21 => "control protection exception",
        30 => "security exception",
        _ => "unknown exception",
    }
}

/// Saves the registers, calls [`dispatch`], and goes back.
#[unsafe(naked)]
extern "C" fn common() {
    naked_asm!(
        "push rax", "push rbx", "push rcx", "push rdx", "push rsi", "push rdi", "push rbp",
        "push r8", "push r9", "push r10", "push r11", "push r12", "push r13", "push r14", "push r15",
        // Ring 3 may have set AC, which would suspend SMAP here.
        "pushfq",
        "and dword ptr [rsp], 0xfffbffff",
        "popfq",
        "cld",
        "mov rdi, rsp",
        "call {dispatch}",
        "jmp {trap_return}",
        dispatch = sym dispatch,
        trap_return = sym trap_return,
    )
}

/// Goes back to where the trap frame on the stack says.
#[unsafe(naked)]
pub extern "C" fn trap_return() {
    naked_asm!(
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rbp",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rbx",
        "pop rax",
        "add rsp, 16",
        "iretq",
    )
}

/// Declares a stub for each vector; those after `with_code` get their error code from the CPU.
macro_rules! stubs {
    (@one $vector:literal with_code) => {{
        #[unsafe(naked)]
        extern "C" fn stub() {
            naked_asm!("push {vector}", "jmp {common}", vector = const $vector, common = sym common)
        }
        stub
    }};
    (@one $vector:literal plain) => {{
        #[unsafe(naked)]
        extern "C" fn stub() {
            naked_asm!(
                "push 0", "push {vector}", "jmp {common}", vector = const $vector, common = sym common
            )
        }
        stub
    }};
    ($($vector:literal $shape:ident)*) => { [$(stubs!(@one $vector $shape)),*] };
}

/// Where the stub of system calls stands in [`STUBS`].
const SYSTEM_CALL_STUB: usize = 48;

static STUBS: [extern "C" fn(); 49] = stubs! {
    0 plain 1 plain 2 plain 3 plain 4 plain 5 plain 6 plain 7 plain
    8 with_code 9 plain 10 with_code 11 with_code 12 with_code 13 with_code 14 with_code 15 plain
    16 plain 17 with_code 18 plain 19 plain 20 plain 21 with_code 22 plain 23 plain
    24 plain 25 plain 26 plain 27 plain 28 plain 29 with_code 30 with_code 31 plain
    32 plain 33 plain 34 plain 35 plain 36 plain 37 plain 38 plain 39 plain
    40 plain 41 plain 42 plain 43 plain 44 plain 45 plain 46 plain 47 plain
    128 plain
};
