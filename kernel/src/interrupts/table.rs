//! The interrupt descriptor table, and the code that the CPU enters through it.
//!
//! ```text
//! CPU ──► stub of the vector ──► common ──► dispatch(&mut TrapFrame) ──► trap_return
//! ```
//! `machine/trap_frame.rs` shows the stack meanwhile.

use super::dispatch::dispatch;
use crate::machine::interrupt_controller::{FIRST_INTERRUPT, LINES};
use crate::machine::segments::FaultStack;
use crate::machine::trap_frame::trap_return;
use crate::process::call;
use core::arch::naked_asm;
use spin::Once;
use x86_64::structures::idt::InterruptDescriptorTable;
use x86_64::{PrivilegeLevel, VirtAddr};

static TABLE: Once<InterruptDescriptorTable> = Once::new();

/// Loads the table. From now on the kernel handles every exception.
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
                table[call::VECTOR]
                    .set_handler_addr(stub(SYSTEM_CALL_STUB))
                    .set_privilege_level(PrivilegeLevel::Ring3);
                for vector in FIRST_INTERRUPT..FIRST_INTERRUPT + LINES {
                    table[vector].set_handler_addr(stub(usize::from(vector)));
                }
            }
            table
        })
        .load();
}

/// Loads a table with the double fault's entry alone, so that the next exception cannot be
/// delivered.
pub fn install_only_double_fault() {
    static ONLY_DOUBLE_FAULT: Once<InterruptDescriptorTable> = Once::new();
    ONLY_DOUBLE_FAULT
        .call_once(|| {
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

/// Saves the registers, calls [`dispatch`], and returns to the interrupted code.
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

/// Declares a stub for each vector; the CPU pushes an error code for those `with_code`.
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

/// The index of the system calls' stub in [`STUBS`].
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
