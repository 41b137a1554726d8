//! The registers of a process that no trap saves: x87, MMX and SSE state, and data segments.
//!
//! The kernel itself uses none of them, so it switches them with the turns, not with the traps: it
//! loads them before a turn and saves them after it. A process starts with all of them cleared, and
//! never sees the values of another process. Sources: Intel SDM vol. 1, 10.5 (FXSAVE); vol. 3A,
//! 2.5.

use core::arch::asm;
use raw_cpuid::CpuId;
use x86_64::registers::control::{Cr0, Cr0Flags, Cr4, Cr4Flags, Efer, EferFlags};
use x86_64::registers::model_specific::Msr;

/// The code segment that `sysenter` enters; 0 makes the instruction fault.
const SYSENTER_CS: u32 = 0x174;

/// Enables exactly the state that this file saves; firmware may have enabled more.
pub fn init() {
    // SAFETY: the kernel uses none of the registers, and enters ring 0 by its gates alone.
    unsafe {
        Cr0::update(|flags| {
            flags.remove(Cr0Flags::EMULATE_COPROCESSOR | Cr0Flags::TASK_SWITCHED);
            flags.insert(Cr0Flags::MONITOR_COPROCESSOR | Cr0Flags::NUMERIC_ERROR);
        });
        Cr4::update(|flags| {
            flags.insert(Cr4Flags::OSFXSR | Cr4Flags::OSXMMEXCPT_ENABLE);
            flags.remove(
                Cr4Flags::OSXSAVE
                    | Cr4Flags::FSGSBASE
                    | Cr4Flags::PROTECTION_KEY_USER
                    | Cr4Flags::PERFORMANCE_MONITOR_COUNTER,
            );
        });
        Efer::update(|flags| flags.remove(EferFlags::SYSTEM_CALL_EXTENSIONS));
        let basic = CpuId::new().get_feature_info();
        if basic.is_some_and(|cpu| cpu.has_sysenter_sysexit()) {
            Msr::new(SYSENTER_CS).write(0);
        }
    }
}

/// The area that `fxsave` writes.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct FloatingPoint([u8; 512]);

/// The saved registers of one process.
#[derive(Clone, Copy)]
pub struct UserRegisters {
    floating_point: FloatingPoint,
    /// DS, ES, FS, GS.
    segments: [u16; 4],
}

impl UserRegisters {
    /// Returns the registers of a new process: all cleared.
    pub const fn new() -> UserRegisters {
        /// All exceptions masked, round to nearest: the values after a reset.
        const CONTROL: u16 = 0x037f;
        const MXCSR: u16 = 0x1f80;
        let mut bytes = [0; 512];
        [bytes[0], bytes[1]] = CONTROL.to_le_bytes();
        [bytes[24], bytes[25]] = MXCSR.to_le_bytes();
        UserRegisters {
            floating_point: FloatingPoint(bytes),
            segments: [0; 4],
        }
    }

    /// Reads the current process's registers from the CPU.
    pub fn current() -> UserRegisters {
        let mut registers = UserRegisters::new();
        registers.save();
        registers
    }

    /// Saves the registers of the CPU.
    pub fn save(&mut self) {
        let [mut ds, mut es, mut fs, mut gs] = [0_u16; 4];
        // SAFETY: the area has 512 bytes and is aligned to 16; every x86_64 CPU has `fxsave`.
        unsafe {
            asm!(
                "fxsave64 [{area}]",
                "mov {ds:x}, ds",
                "mov {es:x}, es",
                "mov {fs:x}, fs",
                "mov {gs:x}, gs",
                area = in(reg) &raw mut self.floating_point,
                ds = out(reg) ds, es = out(reg) es, fs = out(reg) fs, gs = out(reg) gs,
                options(nostack, preserves_flags)
            );
        }
        self.segments = [ds, es, fs, gs];
    }

    /// Loads the registers into the CPU. `fninit` clears state that `fxrstor` does not load on some
    /// CPUs: the addresses of the last x87 instruction.
    pub fn load(&self) {
        let [ds, es, fs, gs] = self.segments;
        // SAFETY: the area is what `fxsave` wrote or what `new` made; the selectors are null or
        // ring 3 loaded them, and the table of segments does not change. The kernel uses none.
        unsafe {
            asm!(
                "fninit",
                "fxrstor64 [{area}]",
                "mov ds, {ds:x}",
                "mov es, {es:x}",
                "mov fs, {fs:x}",
                "mov gs, {gs:x}",
                area = in(reg) &raw const self.floating_point,
                ds = in(reg) ds, es = in(reg) es, fs = in(reg) fs, gs = in(reg) gs,
                options(nostack, preserves_flags)
            );
        }
    }
}
