//! The memory map of another machine, on this one.
//!
//! ```text
//! described   usable ──────────────────────────────) ACPI ─) usable ────────────)
//! real        usable ──)kernel)usable ──)reserved)usable ──────────)
//!
//! result      usable ──)      )usable ──)reserved)usable) ACPI ─)us.)reserved ──)
//! ```
//! Invariants: memory is usable only where both maps say so. Memory of the kernel is omitted,
//! because it has entries of its own. All other memory is as described.

use super::entry::FirmwareEntry;
use crate::vocabulary::memory_kind::MemoryKind;

/// Passes the parts of a described entry to `put`, as this machine can have them. Returns the
/// number of bytes that are described as usable and do not exist here.
pub fn overlay(
    real: &[FirmwareEntry],
    described: FirmwareEntry,
    mut put: impl FnMut(FirmwareEntry),
) -> u64 {
    let end = described.start.saturating_add(described.bytes);
    let (mut position, mut absent) = (described.start, 0);
    let mut part: Option<FirmwareEntry> = None;
    while position < end {
        let (kind, next) = here(real, described.kind, position);
        let bytes = next.min(end) - position;
        if described.kind == MemoryKind::Usable && kind == Some(MemoryKind::Reserved) {
            absent += bytes;
        }
        match &mut part {
            Some(part) if Some(part.kind) == kind => part.bytes += bytes,
            _ => {
                let start = position;
                let next_part = kind.map(|kind| FirmwareEntry { start, bytes, kind });
                if let Some(done) = core::mem::replace(&mut part, next_part) {
                    put(done);
                }
            }
        }
        position += bytes;
    }
    if let Some(done) = part {
        put(done);
    }
    absent
}

/// Returns the kind of memory at an address, None for memory of the kernel, and the address up to
/// which that holds.
fn here(real: &[FirmwareEntry], kind: MemoryKind, position: u64) -> (Option<MemoryKind>, u64) {
    let (mut is_kernel, mut is_usable, mut is_reserved) = (false, false, false);
    let mut next = u64::MAX;
    for entry in real {
        let end = entry.start.saturating_add(entry.bytes);
        let edges = [entry.start, end]
            .into_iter()
            .filter(|&edge| edge > position);
        next = edges.fold(next, u64::min);
        if (entry.start..end).contains(&position) {
            match entry.kind {
                MemoryKind::KernelAndModules => is_kernel = true,
                MemoryKind::Usable => is_usable = true,
                _ => is_reserved = true,
            }
        }
    }
    let kind = match kind {
        _ if is_kernel => None,
        MemoryKind::Usable if !is_usable || is_reserved => Some(MemoryKind::Reserved),
        kind => Some(kind),
    };
    (kind, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use MemoryKind::*;
    use proptest::prelude::*;

    fn entry(start: u64, bytes: u64, kind: MemoryKind) -> FirmwareEntry {
        FirmwareEntry { start, bytes, kind }
    }

    fn overlaid(real: &[FirmwareEntry], described: FirmwareEntry) -> (Vec<FirmwareEntry>, u64) {
        let mut parts = Vec::new();
        let absent = overlay(real, described, |part| parts.push(part));
        (parts, absent)
    }

    #[test]
    fn memory_that_does_not_exist_is_reserved() {
        let real = [
            entry(0, 0x9_f000, Usable),
            entry(0x9_f000, 0x1000, Reserved),
            entry(0x10_0000, 0x700_0000, Usable),
            entry(0x10_0000, 0x40_0000, KernelAndModules),
        ];
        assert_eq!(
            overlaid(&real, entry(0, 0x1000_0000, Usable)),
            (
                vec![
                    entry(0, 0x9_f000, Usable),
                    entry(0x9_f000, 0x6_1000, Reserved),
                    entry(0x50_0000, 0x6c0_0000, Usable),
                    entry(0x710_0000, 0x8f0_0000, Reserved),
                ],
                0x6_1000 + 0x8f0_0000
            )
        );
        let acpi = entry(0x20_0000, 0x100_0000, AcpiNvs);
        let parts = overlaid(&real, acpi).0;
        assert_eq!(parts, [entry(0x50_0000, 0xd0_0000, AcpiNvs)]);
    }

    fn entries() -> impl Strategy<Value = Vec<FirmwareEntry>> {
        let kinds = prop::sample::select(MemoryKind::ALL.to_vec());
        prop::collection::vec((0u64..64, 0u64..40, kinds), 0..8).prop_map(|all| {
            all.into_iter()
                .map(|(start, bytes, kind)| entry(start, bytes, kind))
                .collect()
        })
    }

    proptest! {
        /// Byte by byte: usable in both maps, the kernel omitted, all else as described.
        #[test]
        fn each_byte_is_what_both_maps_allow(real in entries(), described in entries()) {
            for wanted in described {
                let (parts, absent) = overlaid(&real, wanted);
                let mut missing = 0;
                for byte in 0..110 {
                    let covers = |entry: &&FirmwareEntry| (entry.start..entry.start + entry.bytes).contains(&byte);
                    let found: Vec<_> = parts.iter().filter(covers).map(|part| part.kind).collect();
                    let kinds: Vec<_> = real.iter().filter(covers).map(|entry| entry.kind).collect();
                    let is_free = kinds.contains(&Usable) && kinds.iter().all(|&kind| kind == Usable);
                    let expected = match wanted.kind {
                        _ if !covers(&&wanted) || kinds.contains(&KernelAndModules) => vec![],
                        Usable if !is_free => { missing += 1; vec![Reserved] }
                        kind => vec![kind],
                    };
                    prop_assert_eq!(found, expected, "byte {}", byte);
                }
                prop_assert_eq!(absent, missing);
            }
        }

        /// Entries at the end of the address space end.
        #[test]
        fn edges_do_not_overflow(start in u64::MAX - 9.., bytes in any::<u64>(), real in entries()) {
            overlaid(&real, entry(start, bytes, Usable));
            overlaid(&[entry(start, bytes, Usable)], entry(0, u64::MAX, Usable));
        }
    }
}
