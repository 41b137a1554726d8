//! Page tables in numbers: pages by size and access, regions by policy.

use crate::model::Mappings;
use mm::paging::{PageSize, RegionPolicy};
use serde::{Serialize, Serializer};

#[derive(Serialize)]
pub struct MappingState<'d> {
    pages: u64,
    bytes: u64,
    by_size: BySize<'d>,
    writable: u64,
    executable: u64,
    writable_executable: u64,
    user: u64,
    regions: Regions<'d>,
}

impl<'d> From<&'d Mappings> for MappingState<'d> {
    fn from(mappings: &'d Mappings) -> MappingState<'d> {
        MappingState {
            pages: mappings.total(),
            bytes: mappings.bytes(),
            by_size: BySize(mappings),
            writable: mappings.writable,
            executable: mappings.executable,
            writable_executable: mappings.writable_executable,
            user: mappings.user,
            regions: Regions(mappings),
        }
    }
}

/// Pages of each size.
struct BySize<'d>(&'d Mappings);

impl Serialize for BySize<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sizes = [
            ("4 KiB", PageSize::Size4KiB),
            ("2 MiB", PageSize::Size2MiB),
            ("1 GiB", PageSize::Size1GiB),
        ];
        let entry = |(words, size)| (words, self.0.pages[size as usize]);
        serializer.collect_map(sizes.map(entry))
    }
}

/// Regions of each policy.
struct Regions<'d>(&'d Mappings);

impl Serialize for Regions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let policies = RegionPolicy::ALL.iter();
        serializer.collect_map(policies.map(|&policy| (policy.words(), self.0.regions(policy))))
    }
}
