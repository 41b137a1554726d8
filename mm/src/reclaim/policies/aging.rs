//! Aging: the register of [`heat`](crate::heat) as a policy.
//!
//! List `n` holds the pages whose register is `n`.
//!
//! A reference sets bit 7 of a page's register. At the end of a period each register shifts right
//! by one. The smallest register is replaced; among equal ones, the page that reached it first.

use crate::reclaim::pages::{LISTS, Pages};
use crate::reclaim::policy::Policy;

/// Bit 7: the page was used in this period.
const NOW: usize = 1 << 7;

pub struct Aging;

impl Policy for Aging {
    fn name(&self) -> &'static str {
        "aging"
    }

    fn rule(&self) -> &'static str {
        "replaces the page with the smallest register: used now, one period ago, two periods ago, …"
    }

    fn short_rule(&self) -> &'static str {
        "smallest register leaves"
    }

    fn needs_accessed_bits(&self) -> bool {
        true
    }

    fn loaded(&self, pages: &mut Pages, index: usize) {
        pages.push(NOW, index);
    }

    fn referenced(&self, pages: &mut Pages, index: usize) {
        let register = pages.list_of(index);
        if register & NOW == 0 {
            pages.move_to(register | NOW, index);
        }
    }

    fn period_ended(&self, pages: &mut Pages) {
        // Ascending: a list moves to a number that this loop has passed.
        for register in 1..LISTS {
            pages.append(register >> 1, register);
        }
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        pages.first(pages.lowest_list()?)
    }
}
