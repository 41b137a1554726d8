//! Second chance, which is the clock: FIFO that spares a page once if its accessed bit is set.
//!
//! ```text
//! hand ─► first   A=1: clear the bit, move the page to the end
//!         …       A=0: replace this page
//!         last    a new page joins here, with the bit set: the hand has just passed it
//! ```

use crate::reclaim::pages::Pages;
use crate::reclaim::policy::{Policy, QUEUE};

pub struct Clock;

impl Policy for Clock {
    fn name(&self) -> &'static str {
        "clock"
    }

    fn rule(&self) -> &'static str {
        "replaces the first page from the hand on whose accessed bit is clear, and clears the bits that it passes"
    }

    fn short_rule(&self) -> &'static str {
        "FIFO, second chance"
    }

    fn needs_accessed_bits(&self) -> bool {
        true
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        pages.first(QUEUE)
    }

    fn victim(&self, pages: &mut Pages) -> Option<usize> {
        let mut hand = pages.first(QUEUE)?;
        while pages.record(hand).accessed {
            pages.record_mut(hand).accessed = false;
            pages.move_to(QUEUE, hand);
            hand = pages.first(QUEUE)?;
        }
        Some(hand)
    }
}
