//! Not recently used: four classes by the accessed and the dirty bit.
//!
//! ```text
//! class    accessed  dirty
//!   0         0        0      replaced first
//!   1         0        1
//!   2         1        0
//!   3         1        1      replaced last
//! ```
//!
//! At the end of a period all accessed bits are cleared: class 2 joins class 0, class 3 class 1.
//! Among pages of one class, the page that joined the class first is replaced.

use crate::reclaim::pages::Pages;
use crate::reclaim::policy::Policy;

pub struct Nru;

impl Policy for Nru {
    fn name(&self) -> &'static str {
        "nru"
    }

    fn rule(&self) -> &'static str {
        "replaces a page of the lowest class by accessed and dirty bit; the accessed bits are cleared each period"
    }

    fn short_rule(&self) -> &'static str {
        "lowest class leaves"
    }

    fn needs_accessed_bits(&self) -> bool {
        true
    }

    fn loaded(&self, pages: &mut Pages, index: usize) {
        pages.push(class(pages, index), index);
    }

    fn referenced(&self, pages: &mut Pages, index: usize) {
        let class = class(pages, index);
        if class != pages.list_of(index) {
            pages.move_to(class, index);
        }
    }

    fn period_ended(&self, pages: &mut Pages) {
        for accessed in [2, 3] {
            let mut next = pages.first(accessed);
            while let Some(index) = next {
                pages.record_mut(index).accessed = false;
                next = pages.after(index);
            }
            pages.append(accessed - 2, accessed);
        }
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        pages.first(pages.lowest_list()?)
    }
}

fn class(pages: &Pages, index: usize) -> usize {
    let record = pages.record(index);
    usize::from(record.accessed) * 2 + usize::from(record.dirty)
}
