//! The memory that a request shares with the disk.
//!
//! ```text
//! run for devices │ page of data │ request, answer │ not mapped
//! ```
//! Invariant: the memory is never freed. So a disk that answers too late writes to no memory of
//! others.

use super::error::NoDisk;
use super::hal::CEILING;
use crate::memory::heap::kmalloc::kmalloc_dma;
use crate::memory::swap::content::{Content, PAGE};
use mm::tag::Tag;
use virtio_drivers::device::blk::{BlkReq, BlkResp};

/// The memory of one request.
pub struct Buffers {
    /// The page that is written or read.
    pub data: &'static mut Content,
    /// What the disk is to do.
    pub request: &'static mut BlkReq,
    /// How it went.
    pub answer: &'static mut BlkResp,
}

impl Buffers {
    /// Allocates the memory.
    ///
    /// # Errors
    /// When there are no frames for it.
    pub fn new() -> Result<Buffers, NoDisk> {
        let start = kmalloc_dma(2 * PAGE, CEILING, Tag::DEVICE)?;
        let request = (start + PAGE as u64).as_mut_ptr::<BlkReq>();
        // SAFETY: the request begins the second page, and the answer follows in it.
        let answer = unsafe { request.add(1).cast::<BlkResp>() };
        // SAFETY: the run is new, is never freed, and has two pages. The three parts do not
        // overlap, and are written before there is a reference to them.
        unsafe {
            request.write(BlkReq::default());
            answer.write(BlkResp::default());
            Ok(Buffers {
                data: &mut *start.as_mut_ptr(),
                request: &mut *request,
                answer: &mut *answer,
            })
        }
    }
}
