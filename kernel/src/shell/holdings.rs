//! The memory that `alloc` holds until `free` frees it.

use super::answer::say;
use heapless::Vec;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The maximum number of allocations that are held at once.
pub const MOST: usize = 64;

/// An allocation that the shell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    Frames { first: PhysFrame, frames: u64 },
    Block(VirtAddr),
}

/// All allocations that the shell holds.
pub struct Holdings(pub Vec<Holding, MOST>);

impl Holdings {
    /// Creates an empty list.
    pub const fn new() -> Holdings {
        Holdings(Vec::new())
    }

    /// Lists the allocations.
    pub fn list(&self) {
        for holding in &self.0 {
            match holding {
                Holding::Frames { first, frames } => {
                    say!("  {:#014x}  {frames} × 4 KiB", first.start_address());
                }
                Holding::Block(address) => say!("  {address:#x}  a heap block"),
            }
        }
        say!("allocations held: {} of at most {MOST}", self.0.len());
    }

    /// Adds an allocation.
    pub fn hold(&mut self, holding: Holding) {
        // `alloc` has checked that there is room.
        let _ = self.0.push(holding);
    }
}
