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
//! Invariants: a cached allocation is not live, so freeing it again is found at once. To the buddy
//! system its blocks are allocated. At most [`DEPTH`] allocations of each size are cached.

use super::header::Header;

/// The most cached allocations of each size.
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

    /// An empty cache. Without stacks, nothing is cached.
    pub fn new(stacks: &'m mut [CacheStack]) -> Self {
        Cache { stacks }
    }

    /// The stack of this many granules, if such allocations are cached.
    #[inline(always)]
    fn stack(&mut self, granules: usize) -> Option<&mut CacheStack> {
        self.stacks.get_mut(granules)
    }

    /// All stacks.
    pub const fn stacks(&self) -> &[CacheStack] {
        self.stacks
    }

    /// True if allocations of this many granules are cached.
    #[inline(always)]
    pub const fn holds(&self, granules: usize) -> bool {
        granules < self.stacks.len()
    }

    /// True if [`Cache::push`] needs [`Cache::pop_oldest`] before.
    #[inline(always)]
    pub fn is_full(&self, granules: usize) -> bool {
        self.stacks[granules].len >= DEPTH
    }

    /// The most granules of a cached allocation.
    pub const fn largest(&self) -> usize {
        self.stacks.len().saturating_sub(1)
    }

    /// Cached allocations by size: granules and number.
    pub fn sizes(&self) -> impl Iterator<Item = (usize, usize)> {
        let lens = self.stacks.iter().map(|stack| usize::from(stack.len));
        lens.enumerate().filter(|&(_, len)| len > 0)
    }

    /// Adds the allocation of this many granules at a granule.
    #[inline(always)]
    pub fn push(&mut self, headers: &mut [Header], granule: usize, granules: usize) {
        let stack = &mut self.stacks[granules];
        headers[granule] = Header::cached(granules, stack.head);
        stack.head = granule as u32 + 1;
        stack.len += 1;
    }

    /// Removes the newest allocation of this many granules, and returns where it begins. The caller
    /// replaces its header.
    #[inline(always)]
    pub fn pop(&mut self, headers: &[Header], granules: usize) -> Option<usize> {
        let stack = self.stack(granules)?;
        let granule = stack.head.checked_sub(1)? as usize;
        stack.head = headers[granule].next();
        stack.len -= 1;
        Some(granule)
    }

    /// Removes the oldest allocation of this many granules.
    pub fn pop_oldest(&mut self, headers: &mut [Header], granules: usize) -> Option<usize> {
        let stack = self.stack(granules)?;
        let mut at = stack.head.checked_sub(1)? as usize;
        let mut before = None;
        while let Some(next) = headers[at].next().checked_sub(1) {
            before = Some(at);
            at = next as usize;
        }
        match before {
            Some(before) => headers[before] = Header::cached(granules, 0),
            None => stack.head = 0,
        }
        stack.len -= 1;
        Some(at)
    }

    /// The cached allocations of this many granules, newest first.
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
