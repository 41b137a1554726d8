//! The metadata of an arena, in frames of its own.

use crate::memory::physical::frames::{self, FRAME};
use core::slice;
use mm::frame::{AllocateError, Run};
use mm::heap::Header;
use mm::heap::strategy::{ArenaSizes, ArenaStorage, FreeBlock, FreeNode};
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// The metadata of an arena, in frames that are freed when this is dropped.
pub struct ArenaBuffers {
    sizes: ArenaSizes,
    scratch: [Scratch; 6],
}

impl ArenaBuffers {
    /// Allocates zeroed buffers of these sizes.
    ///
    /// # Errors
    /// When there are no frames for them.
    pub fn new(sizes: ArenaSizes) -> Result<ArenaBuffers, AllocateError> {
        Ok(ArenaBuffers {
            sizes,
            scratch: [
                Scratch::new::<u64>(sizes.heap.bits)?,
                Scratch::new::<Header>(sizes.heap.headers)?,
                Scratch::new::<u8>(sizes.heap.references)?,
                Scratch::new::<FreeBlock>(sizes.free)?,
                Scratch::new::<FreeNode>(sizes.nodes)?,
                Scratch::new::<u32>(sizes.live)?,
            ],
        })
    }

    /// Returns the buffers as slices.
    ///
    /// # Safety
    /// The storage is the only one, and is not used after this is dropped.
    pub unsafe fn storage(&self) -> ArenaStorage<'static> {
        let [bits, headers, references, free, nodes, live] = &self.scratch;
        // SAFETY: each scratch was made for this type and this number of elements, for all of which
        // zeroes are valid; the rest is the contract.
        unsafe {
            ArenaStorage {
                bits: bits.slice(self.sizes.heap.bits),
                headers: headers.slice(self.sizes.heap.headers),
                references: references.slice(self.sizes.heap.references),
                free: free.slice(self.sizes.free),
                nodes: nodes.slice(self.sizes.nodes),
                live: live.slice(self.sizes.live),
            }
        }
    }
}

/// Zeroed frames, or none, freed when this is dropped.
pub(super) struct Scratch(Option<(PhysFrame, u64)>);

impl Scratch {
    /// Allocates frames for this many elements.
    pub fn new<T>(count: usize) -> Result<Scratch, AllocateError> {
        let frames = ((count * size_of::<T>()) as u64).div_ceil(FRAME);
        if frames == 0 {
            return Ok(Scratch(None));
        }
        let first = frames::allocate_run(Run::of(frames), Tag::KERNEL)?;
        Ok(Scratch(Some((first, frames))))
    }

    /// # Safety
    /// All bits zero are a valid `T`, no `T` needs to be dropped, and `count` of them fit. The
    /// slice is the only one, and is not used after the scratch is dropped.
    pub unsafe fn slice<T>(&self, count: usize) -> &'static mut [T] {
        let Some((first, _)) = self.0 else {
            return &mut [];
        };
        let start = frames::pointer(first.start_address());
        // SAFETY: the run is page-aligned and large enough; the rest is the contract.
        unsafe { slice::from_raw_parts_mut(start.cast(), count) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some((first, frames)) = self.0 {
            frames::lock()
                .free_run(first, frames)
                .expect("the frames of a scratch are in use");
        }
    }
}
