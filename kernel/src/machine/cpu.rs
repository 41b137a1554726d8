//! What the CPU can do, and the protections that the kernel switches on.

use raw_cpuid::CpuId;
use x86_64::registers::control::{Cr0, Cr0Flags, Cr4, Cr4Flags, Efer, EferFlags};
use x86_64::registers::model_specific::Msr;

/// The MSR that says what the eight combinations of PAT, PCD and PWT mean (Intel SDM vol. 3A,
/// 12.12).
const PAGE_ATTRIBUTE_TABLE: u32 = 0x277;
/// Its power-up value, but entry 1 (PWT alone) is write-combining instead of write-through.
const ATTRIBUTES: u64 = 0x0007_0406_0007_0106;

/// Which of the optional features this CPU has.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// Pages of 1 GiB.
    pub huge_pages: bool,
    /// No-execute bit.
    pub no_execute: bool,
    /// Ring 0 may not run user pages.
    pub smep: bool,
    /// Ring 0 may not touch user pages unless it says so.
    pub smap: bool,
    /// Ring 3 may not read descriptor tables.
    pub umip: bool,
}

impl Features {
    /// Asks the CPU.
    pub fn read() -> Features {
        let cpu = CpuId::new();
        let extended = cpu.get_extended_processor_and_feature_identifiers();
        let structured = cpu.get_extended_feature_info();
        Features {
            huge_pages: extended.as_ref().is_some_and(|has| has.has_1gib_pages()),
            no_execute: extended
                .as_ref()
                .is_some_and(|has| has.has_execute_disable()),
            smep: structured.as_ref().is_some_and(|has| has.has_smep()),
            smap: structured.as_ref().is_some_and(|has| has.has_smap()),
            umip: structured.as_ref().is_some_and(|has| has.has_umip()),
        }
    }
}

/// Switches on what the page tables of the kernel count on: no-execute, write protection for ring
/// 0, global pages, write-combining; and SMEP, SMAP and UMIP where they are.
pub fn protect(features: Features) {
    // SAFETY: the kernel has no writable text and no user pages yet, so none of these can make a
    // running access illegal.
    unsafe {
        if features.no_execute {
            Efer::update(|flags| flags.insert(EferFlags::NO_EXECUTE_ENABLE));
        }
        Cr0::update(|flags| flags.insert(Cr0Flags::WRITE_PROTECT));
        Cr4::update(|flags| {
            flags.insert(Cr4Flags::PAGE_GLOBAL);
            flags.set(
                Cr4Flags::SUPERVISOR_MODE_EXECUTION_PROTECTION,
                features.smep,
            );
            flags.set(Cr4Flags::SUPERVISOR_MODE_ACCESS_PREVENTION, features.smap);
            flags.set(Cr4Flags::USER_MODE_INSTRUCTION_PREVENTION, features.umip);
        });
        Msr::new(PAGE_ATTRIBUTE_TABLE).write(ATTRIBUTES);
    }
    let on = |present| if present { "on" } else { "absent" };
    log::info!(
        "write protection on, no-execute {}, SMEP {}, SMAP {}, UMIP {}, 1 GiB pages {}",
        on(features.no_execute),
        on(features.smep),
        on(features.smap),
        on(features.umip),
        on(features.huge_pages),
    );
}
