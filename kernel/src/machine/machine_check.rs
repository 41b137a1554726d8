//! Machine checks: the hardware reports an error that it cannot correct (Intel SDM vol. 3B,
//! chapter 16).
//!
//! Each bank of registers belongs to one part of the processor. A bank with a valid status reports
//! an error; the handler logs all of them, and ends the run.

use super::cpu::{self, Features};
use raw_cpuid::CpuId;
use x86_64::registers::model_specific::Msr;

/// The number of banks in the low byte, and flags.
const CAPABILITIES: Msr = Msr::new(0x179);
/// Enables reporting, where `CAPABILITIES` says that the register exists.
const CONTROL: u32 = 0x17b;
const HAS_CONTROL: u64 = 1 << 8;
/// The registers of bank 0: control, status, address, details. Those of the next bank follow.
const BANKS: u32 = 0x400;
const STATUS: u32 = 1;
const ADDRESS: u32 = 2;
/// Flags of a status: it is valid; the bank's address is valid.
const VALID: u64 = 1 << 63;
const ADDRESS_VALID: u64 = 1 << 58;

/// Returns the number of banks, 0 on a CPU without a machine-check architecture.
fn banks() -> u64 {
    let has_banks = CpuId::new()
        .get_feature_info()
        .is_some_and(|cpu| cpu.has_mca());
    if !(cpu::has(Features::MCE) && has_banks) {
        return 0;
    }
    // SAFETY: CPUID says that the register is there.
    unsafe { CAPABILITIES.read() & 0xff }
}

/// Returns a register of a bank.
fn register(bank: u64, register: u32) -> Msr {
    Msr::new(BANKS + 4 * bank as u32 + register)
}

/// Enables every bank, and clears its earlier reports.
pub fn init() {
    let banks = banks();
    if banks == 0 {
        return;
    }
    // SAFETY: the CPU says that it has these registers; all ones enable every report.
    unsafe {
        if CAPABILITIES.read() & HAS_CONTROL != 0 {
            Msr::new(CONTROL).write(u64::MAX);
        }
        for bank in 0..banks {
            register(bank, 0).write(u64::MAX);
            register(bank, STATUS).write(0);
        }
    }
}

/// Logs each bank that reports an error.
pub fn log() {
    for bank in 0..banks() {
        // SAFETY: the CPU says that it has these registers; the address is read where it is valid.
        unsafe {
            let status = register(bank, STATUS).read();
            if status & VALID == 0 {
                continue;
            }
            if status & ADDRESS_VALID != 0 {
                let address = register(bank, ADDRESS).read();
                log::error!("  bank {bank}: status {status:#018x}, address {address:#x}");
            } else {
                log::error!("  bank {bank}: status {status:#018x}");
            }
        }
    }
}
