//! The table of strategies: how an arena can place its blocks.
//!
//! To add a strategy, write a file with an allocator like [`buddy`](super::buddy) or
//! [`free_list`](super::free_list), and add its line to the table below. Events carry its number,
//! which is never used again. Its first name is for command lines, its second for the screen. The
//! tests include it from then on. The race on the screen has the first four strategies.

pub use super::block_allocator::{
    ArenaSizes, ArenaStorage, BlockAllocator, FreeBlock, FreeNode, Setup,
};
pub use crate::vocabulary::strategy::Strategy;

use super::buddy::Buddy;
use super::fragmentation::FreeSpace;
use super::free_list::FreeList;
use super::segregated::Segregated;
use super::slab::Slab;
use super::tlsf::Tlsf;
use crate::tracer::{Silent, Tracer};

/// Makes the constants of [`Strategy`] and the allocators of an [`Arena`] from the table.
macro_rules! strategies {
    ($($(#[$doc:meta])* $number:literal $name:ident $key:literal $words:literal => $allocator:ident::$new:ident;)*) => {
        #[allow(non_upper_case_globals, reason = "the strategies read like variants")]
        impl Strategy {
            $($(#[$doc])* pub const $name: Strategy = Strategy::new($number);)*

            /// All strategies, in the order of their numbers.
            pub const ALL: &'static [Strategy] = &[$(Strategy::$name),*];

            /// Returns the name of the strategy on command lines and in JSON.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Strategy::$name => $key,)*
                    _ => "unknown",
                }
            }

            /// Returns the name of the strategy in text.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Strategy::$name => $words,)*
                    _ => "unknown strategy",
                }
            }

            /// True if blocks are powers of two that merge with their buddies.
            pub const fn is_buddy(self) -> bool {
                match self {
                    $(Strategy::$name => $allocator::<Silent>::IS_BUDDY,)*
                    _ => false,
                }
            }

            /// Returns the buffers of an arena of this many bytes with at most this many live
            /// blocks.
            pub const fn sizes(self, bytes: u64, blocks: usize) -> ArenaSizes {
                match self {
                    $(Strategy::$name => $allocator::<Silent>::sizes(bytes, blocks),)*
                    _ => ArenaSizes::NONE,
                }
            }
        }

        #[derive(Debug)]
        enum Allocator<'m, T> {
            $($name($allocator<'m, T>),)*
        }

        impl<'m, T: Tracer> Arena<'m, T> {
            /// Creates an empty arena.
            ///
            /// # Panics
            /// The storage is smaller than [`Strategy::sizes`], or the strategy is unknown.
            pub fn new(strategy: Strategy, setup: Setup<'m, T>) -> Arena<'m, T> {
                let allocator = match strategy {
                    $(Strategy::$name => Allocator::$name($allocator::$new(setup)),)*
                    _ => panic!("no strategy has number {}", strategy.number()),
                };
                Arena {
                    strategy,
                    allocator,
                }
            }

            /// Returns the tracer that records the events.
            pub const fn tracer(&self) -> &T {
                match &self.allocator {
                    $(Allocator::$name(allocator) => allocator.tracer(),)*
                }
            }

            fn allocator(&mut self) -> &mut dyn BlockAllocator {
                match &mut self.allocator {
                    $(Allocator::$name(allocator) => allocator,)*
                }
            }

            fn view(&self) -> &dyn BlockAllocator {
                match &self.allocator {
                    $(Allocator::$name(allocator) => allocator,)*
                }
            }
        }
    };
}

strategies! {
    /// The buddy system: a request gets a power of two.
    0 BuddyWhole "buddy" "buddy, whole blocks" => Buddy::whole;
    /// The buddy system, which returns the unused tail of such a block.
    1 BuddyTrimmed "buddy-trimmed" "buddy, trimmed" => Buddy::trimmed;
    /// A free list: the lowest free block that is large enough.
    2 FirstFit "first-fit" "free list, first fit" => FreeList::first_fit;
    /// A free list: the smallest free block that is large enough.
    3 BestFit "best-fit" "free list, best fit" => FreeList::best_fit;
    /// A free list: the first large enough block from the last allocation on.
    4 NextFit "next-fit" "free list, next fit" => FreeList::next_fit;
    /// A free list: the largest free block.
    5 WorstFit "worst-fit" "free list, worst fit" => FreeList::worst_fit;
    /// A list for each size class; blocks neither split nor merge.
    6 Segregated "segregated" "segregated lists" => Segregated::new;
    /// Two-level segregated fit.
    7 Tlsf "tlsf" "TLSF" => Tlsf::new;
    /// Pages of objects of one size.
    8 Slab "slab" "slab" => Slab::new;
}

impl Strategy {
    /// The strategies of the race on the screen, which has room for four arenas.
    pub const RACED: &'static [Strategy] = Strategy::ALL.first_chunk::<4>().unwrap();

    /// The strategies that ship with the project: tests know their placements on shipped traces.
    pub const SHIPPED: &'static [Strategy] = Strategy::ALL.first_chunk::<9>().unwrap();
}

/// An arena with one of the strategies. The tracer `T` records its events.
#[derive(Debug)]
pub struct Arena<'m, T> {
    strategy: Strategy,
    allocator: Allocator<'m, T>,
}

impl<T> Arena<'_, T> {
    /// Returns the strategy.
    pub const fn strategy(&self) -> Strategy {
        self.strategy
    }
}

impl<T: Tracer> BlockAllocator for Arena<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        self.allocator().allocate(bytes)
    }

    fn free(&mut self, offset: u64) -> bool {
        self.allocator().free(offset)
    }

    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        self.allocator().resize_in_place(offset, bytes)
    }

    fn block_bytes(&self, offset: u64) -> u64 {
        self.view().block_bytes(offset)
    }

    fn allocated(&self) -> u64 {
        self.view().allocated()
    }

    fn free_space(&self) -> FreeSpace {
        self.view().free_space()
    }

    fn validate(&self) -> Result<(), u64> {
        self.view().validate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_distinct() {
        for (at, strategy) in Strategy::ALL.iter().enumerate() {
            for other in &Strategy::ALL[..at] {
                assert_ne!(strategy.number(), other.number());
                assert_ne!(strategy.words(), other.words());
                assert_ne!(strategy.key(), other.key());
            }
        }
        assert_eq!(Strategy::new(200).words(), "unknown strategy");
    }
}
