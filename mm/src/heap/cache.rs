//! The cache of freed allocations: a stack for each small size, in front of the buddy system.
//!
//! ```text
//! size     1    2    3   …  127 granules
//! stacks  [ · ][ ● ][ · ]
//!               └─► header ─► header ─► 0       newest first; the links lie in the headers
//! ```
//! A request takes the newest cached allocation of its size, which the CPU's caches still hold.
//! Its blocks are neither split nor merged, so both directions cost a few instructions. A stack
//! that is full returns its older half to the buddy system. All stacks do before the heap refuses
//! a request, grows or shrinks.
//!
//! Invariants: a cached allocation is not live, so freeing it again is detected at once. To the
//! buddy system its blocks are allocated. At most [`DEPTH`] allocations of each size are cached.

use super::header::Header;

/// The maximum number of cached allocations of each size.
pub(super) const DEPTH: u8 = 16;

/// The cached allocations of one size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStack {
    /// One more than the granule of the newest allocation, or 0.
    head: u32,
    len: u8,
}

/// The cached allocations: a stack for each number of granules that the caller's buffer has.
#[derive(Debug)]
pub(super) struct Cache<'m> {
    stacks: &'m mut [CacheStack],
}

impl<'m> Cache<'m> {
    /// The stacks of a buffer that caches allocations of up to 8 KiB.
    pub const STACKS: usize = 128;

    /// Creates an empty cache. Without stacks, nothing is cached.
    pub fn new(stacks: &'m mut [CacheStack]) -> Self {
        Cache { stacks }
    }

    /// Returns all stacks.
    pub const fn stacks(&self) -> &[CacheStack] {
        self.stacks
    }

    /// True if allocations of this many granules are cached.
    pub const fn holds(&self, granules: usize) -> bool {
        granules < self.stacks.len()
    }

    /// Returns the maximum number of granules of a cached allocation.
    pub const fn largest(&self) -> usize {
        self.stacks.len().saturating_sub(1)
    }

    /// Returns the cached allocations by size: granules and number.
    pub fn sizes(&self) -> impl Iterator<Item = (usize, usize)> {
        let lens = self.stacks.iter().map(|stack| usize::from(stack.len));
        lens.enumerate().filter(|&(_, len)| len > 0)
    }

    /// Adds the allocation of this many granules at a granule, which has this header. Returns
    /// `false`, and changes nothing, if the stack is full or such allocations are not cached.
    #[inline(always)]
    pub fn push(&mut self, header: &mut Header, granule: usize, granules: usize) -> bool {
        let stack = self.stacks.get_mut(granules);
        let Some(stack) = stack.filter(|stack| stack.len < DEPTH) else {
            return false;
        };
        *header = header.cached(stack.head);
        stack.head = granule as u32 + 1;
        stack.len += 1;
        true
    }

    /// Removes the newest allocation of this many granules, and returns where it begins, and its
    /// header for the caller to replace.
    #[inline(always)]
    pub fn pop<'h>(
        &mut self,
        headers: &'h mut [Header],
        granules: usize,
    ) -> Option<(usize, &'h mut Header)> {
        let stack = self.stacks.get_mut(granules)?;
        let granule = stack.head.checked_sub(1)? as usize;
        let header = headers.get_mut(granule)?;
        stack.head = header.next();
        stack.len -= 1;
        Some((granule, header))
    }

    /// Removes the oldest allocation of this many granules.
    pub fn pop_oldest(&mut self, headers: &mut [Header], granules: usize) -> Option<usize> {
        let stack = self.stacks.get_mut(granules)?;
        let mut at = stack.head.checked_sub(1)? as usize;
        let mut before = None;
        while let Some(next) = headers[at].next().checked_sub(1) {
            before = Some(at);
            at = next as usize;
        }
        match before {
            Some(before) => headers[before] = headers[before].cached(0),
            None => stack.head = 0,
        }
        stack.len -= 1;
        Some(at)
    }

    /// Returns the cached allocations of this many granules, newest first.
    pub fn of<'h>(
        &self,
        headers: &'h [Header],
        granules: usize,
    ) -> impl Iterator<Item = usize> + use<'h> {
        let mut next = self.stacks[granules].head;
        core::iter::from_fn(move || {
            let granule = next.checked_sub(1)? as usize;
            next = headers.get(granule)?.next();
            Some(granule)
        })
    }
}
