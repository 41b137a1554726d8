//! The regions of the kernel's half: the purpose of each range of addresses.

use crate::lock::Mutex;
use crate::memory::trace;
use mm::event::Payload;
use mm::paging::{Region, RegionError, RegionPolicy, RegionTable};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The maximum number of regions.
const CAPACITY: usize = 160;

static REGIONS: Mutex<RegionTable<CAPACITY>> = Mutex::new(RegionTable::new());

/// Opens a region.
///
/// # Panics
/// If it overlaps another one or the table is full: the kernel opens a fixed set of regions, so
/// that is a bug.
pub fn open(start: VirtAddr, bytes: u64, policy: RegionPolicy, owner: Tag) {
    let region = Region {
        start,
        bytes,
        policy,
        owner,
    };
    if let Err(error) = insert(region) {
        panic!("no region for {bytes} bytes at {start:#x}: {error}");
    }
}

/// Closes the region that begins there.
///
/// # Panics
/// If there is none.
pub fn close(start: VirtAddr) {
    let closed = REGIONS.lock().remove(start);
    let Region {
        start,
        bytes,
        policy,
        owner,
    } = closed.unwrap_or_else(|error| panic!("{error}"));
    trace::record(Payload::RegionClose {
        start,
        bytes,
        policy,
        owner,
    });
}

fn insert(region: Region) -> Result<(), RegionError> {
    let Region {
        start,
        bytes,
        policy,
        owner,
    } = region;
    REGIONS.lock().insert(region)?;
    trace::record(Payload::RegionOpen {
        start,
        bytes,
        policy,
        owner,
    });
    Ok(())
}

/// Returns the region of this address. Does not wait: a fault may come while the table is locked.
pub fn find(address: VirtAddr) -> Option<Region> {
    REGIONS.try_lock()?.find(address).copied()
}

/// Calls `visit` with each open region, by ascending address.
pub fn for_each(mut visit: impl FnMut(&Region)) {
    for region in REGIONS.lock().regions() {
        visit(region);
    }
}
