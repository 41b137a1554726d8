//! Q4: the size of the allocators' metadata, which lies beside the memory that it describes.

use super::share::Share;
use super::violation::Violation;
use crate::memory::heap::kernel_heap;
use crate::memory::physical::{frames, heat};
use crate::memory::{map, trace};
use mm::tag::Tag;
use mm::units::Bytes;

/// The maximum share of memory, in hundredths of a percent.
const LIMIT: u64 = 500;

/// Adds up the metadata and logs it.
pub fn measure() -> Result<(), Violation> {
    let frames = frames::lock().statistics();
    let heap = kernel_heap::lock().statistics();
    let owned = |tag: Tag| frames.owners[tag.bits().trailing_zeros() as usize] * frames::FRAME;
    let heat = heat::metadata_bytes();
    let share = Share {
        part: frames.metadata_bytes + heat + heap.metadata_bytes,
        whole: map::usable_bytes(),
    };
    log::info!(
        "Q4 metadata: the share of usable memory for metadata of frame allocator, use counters and heap (required: under 5 %; goal: 1 %)"
    );
    log::info!(
        "Q4   {share}: {} for frames, {} for use counters, {} for the heap",
        Bytes(frames.metadata_bytes),
        Bytes(heat),
        Bytes(heap.metadata_bytes)
    );
    log::info!(
        "Q4   not included: page tables {}, event ring {}, dashboard {}",
        Bytes(owned(Tag::PAGE_TABLE)),
        Bytes(size_of_val(&trace::RING) as u64),
        Bytes(owned(Tag::MEMVIZ))
    );
    if share.basis_points() > LIMIT {
        return Err(Violation::new(format_args!(
            "metadata takes {share} of memory"
        )));
    }
    Ok(())
}
