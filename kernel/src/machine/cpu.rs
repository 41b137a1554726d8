//! The features of the CPU, and the protections that the kernel switches on.
//!
//! Invariant: the kernel uses an optional feature only if [`features`] has it. The kernel needs
//! only long mode. It logs missing features, and skips the tests and lessons that need them.

use bitflags::bitflags;
use core::fmt;
use raw_cpuid::CpuId;
use spin::Once;
use x86_64::registers::control::{Cr0, Cr0Flags, Cr4, Cr4Flags, Efer, EferFlags};
use x86_64::registers::model_specific::Msr;

/// The MSR that gives the eight combinations of PAT, PCD and PWT a memory type (Intel SDM vol. 3A,
/// 12.12).
const PAGE_ATTRIBUTE_TABLE: u32 = 0x277;
/// The power-up value, except that entry 1 (PWT alone) is write-combining instead of write-through.
const ATTRIBUTES: u64 = 0x0007_0406_0007_0106;

bitflags! {
    /// Optional features of an x86_64 CPU that the kernel uses.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Features: u8 {
        /// Pages without execute permission.
        const NX = 1 << 0;
        /// Ring 0 cannot execute user pages.
        const SMEP = 1 << 1;
        /// Ring 0 cannot access user pages while AC is clear.
        const SMAP = 1 << 2;
        /// Ring 3 cannot read descriptor-table registers.
        const UMIP = 1 << 3;
        /// Pages that stay in the TLB when CR3 changes.
        const PGE = 1 << 4;
        /// The page attribute table: write-combining by page.
        const PAT = 1 << 5;
        /// Pages of 1 GiB.
        const HUGE_PAGES = 1 << 6;
        /// Machine-check exceptions.
        const MCE = 1 << 7;
    }
}

impl Features {
    /// The features that protect parts of the system from each other.
    pub const PROTECTIONS: Features = Features::NX
        .union(Features::SMEP)
        .union(Features::SMAP)
        .union(Features::UMIP);

    /// Reads the features from CPUID.
    fn read() -> Features {
        let cpu = CpuId::new();
        let basic = cpu.get_feature_info();
        let structured = cpu.get_extended_feature_info();
        let extended = cpu.get_extended_processor_and_feature_identifiers();
        let basic = |has: fn(&_) -> bool| basic.as_ref().is_some_and(has);
        let structured = |has: fn(&_) -> bool| structured.as_ref().is_some_and(has);
        let extended = |has: fn(&_) -> bool| extended.as_ref().is_some_and(has);
        let mut features = Features::empty();
        features.set(Features::NX, extended(|cpu| cpu.has_execute_disable()));
        features.set(Features::SMEP, structured(|cpu| cpu.has_smep()));
        features.set(Features::SMAP, structured(|cpu| cpu.has_smap()));
        features.set(Features::UMIP, structured(|cpu| cpu.has_umip()));
        features.set(Features::PGE, basic(|cpu| cpu.has_pge()));
        features.set(Features::PAT, basic(|cpu| cpu.has_pat()));
        features.set(Features::HUGE_PAGES, extended(|cpu| cpu.has_1gib_pages()));
        features.set(Features::MCE, basic(|cpu| cpu.has_mce()));
        features
    }

    /// Returns the feature's name in the manuals, for a single feature.
    fn word(self) -> &'static str {
        match self {
            Features::NX => "NX",
            Features::SMEP => "SMEP",
            Features::SMAP => "SMAP",
            Features::UMIP => "UMIP",
            Features::PGE => "PGE",
            Features::PAT => "PAT",
            Features::HUGE_PAGES => "1 GiB pages",
            _ => "MCE",
        }
    }
}

/// Writes the names with commas between them, or `none`.
impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (number, feature) in self.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{}", feature.word())?;
        }
        Ok(())
    }
}

/// Returns the optional features of this CPU.
pub fn features() -> Features {
    static FEATURES: Once<Features> = Once::new();
    *FEATURES.call_once(Features::read)
}

/// Returns how many bits a physical address of this CPU has.
pub fn physical_address_bits() -> u8 {
    /// The width where CPUID does not report it (Intel SDM vol. 3A, 4.1.4).
    const USUAL: u8 = 36;
    let sizes = CpuId::new().get_processor_capacity_feature_info();
    sizes.map_or(USUAL, |sizes| sizes.physical_address_bits())
}

/// Returns whether this CPU has all of these features.
pub fn has(wanted: Features) -> bool {
    features().contains(wanted)
}

/// Switches on the protections that the page tables rely on: write protection for ring 0, and the
/// optional features of this CPU.
pub fn protect() {
    let features = features();
    // SAFETY: the kernel has no writable text and no user pages yet, so none of these can make a
    // running access illegal. Each optional bit is set only where CPUID lists its feature.
    unsafe {
        if features.contains(Features::NX) {
            Efer::update(|flags| flags.insert(EferFlags::NO_EXECUTE_ENABLE));
        }
        Cr0::update(|flags| flags.insert(Cr0Flags::WRITE_PROTECT));
        Cr4::update(|flags| {
            for (feature, bit) in [
                (Features::PGE, Cr4Flags::PAGE_GLOBAL),
                (Features::MCE, Cr4Flags::MACHINE_CHECK_EXCEPTION),
                (
                    Features::SMEP,
                    Cr4Flags::SUPERVISOR_MODE_EXECUTION_PROTECTION,
                ),
                (Features::SMAP, Cr4Flags::SUPERVISOR_MODE_ACCESS_PREVENTION),
                (Features::UMIP, Cr4Flags::USER_MODE_INSTRUCTION_PREVENTION),
            ] {
                flags.set(bit, features.contains(feature));
            }
        });
        if features.contains(Features::PAT) {
            Msr::new(PAGE_ATTRIBUTE_TABLE).write(ATTRIBUTES);
        }
    }
    log::info!("write protection on; the CPU has {features}");
    let missing = Features::PROTECTIONS - features;
    if !missing.is_empty() {
        log::warn!("protections that this CPU lacks: {missing}; tests that need them are skipped");
    }
}
