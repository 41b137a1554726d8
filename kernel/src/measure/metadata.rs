//! Q4: what the allocators keep beside the memory that they describe.

use super::{Broken, Share};
use crate::memory::heap::kernel_heap;
use crate::memory::physical::{frames, heat};
use crate::memory::size::Bytes;
use crate::memory::{map, trace};
use mm::tag::Tag;

/// The most that it may be, in hundredths of a percent.
const WANTED: u64 = 500;

/// Adds up and tells.
pub fn measure() -> Result<(), Broken> {
    let frames = frames::lock().statistics();
    let heap = kernel_heap::lock().statistics();
    let owned = |tag: Tag| frames.owners[tag.bits().trailing_zeros() as usize] * frames::FRAME;
    let heat = heat::metadata_bytes();
    let share = Share {
        part: frames.metadata_bytes + heat + heap.metadata_bytes,
        whole: map::usable_bytes(),
    };
    log::info!(
        "Q4 metadata: what frame allocator, use counters and heap keep beside the memory, of all usable memory (wanted: under 1 %)"
    );
    log::info!(
        "Q4   {share}: {} for frames, {} for their use counters, {} for the heap",
        Bytes(frames.metadata_bytes),
        Bytes(heat),
        Bytes(heap.metadata_bytes)
    );
    log::info!(
        "Q4   apart from it: page tables {}, event ring {}, dashboard {}",
        Bytes(owned(Tag::PAGE_TABLE)),
        Bytes(size_of_val(&trace::RING) as u64),
        Bytes(owned(Tag::MEMVIZ))
    );
    if share.basis_points() > WANTED {
        return Err(Broken::new(format_args!(
            "metadata takes {share} of memory"
        )));
    }
    Ok(())
}
