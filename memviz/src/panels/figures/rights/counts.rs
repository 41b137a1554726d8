//! Counts of mapped pages by their access rights.

use crate::model::mappings::Mappings;
use crate::view::step::StepChanges;

/// The number of pages by access rights, in all page tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Rights {
    pub total: u64,
    pub writable: u64,
    pub executable: u64,
    pub both: u64,
    pub user: u64,
    pub step: StepChanges,
}

impl Rights {
    /// Counts the pages of all page tables.
    pub fn new(pages: &Mappings, step: &StepChanges) -> Rights {
        Rights {
            total: pages.total(),
            writable: pages.writable,
            executable: pages.executable,
            both: pages.writable_executable,
            user: pages.user,
            step: step.clone(),
        }
    }

    /// Returns the number of pages of a box.
    pub fn pages(&self, writable: bool, executable: bool) -> u64 {
        // Events that contradict each other can give counts that no machine has.
        let only = |all: u64| all.saturating_sub(self.both);
        match (writable, executable) {
            (true, true) => self.both,
            (true, false) => only(self.writable),
            (false, true) => only(self.executable),
            (false, false) => self
                .total
                .saturating_sub(self.both + only(self.writable) + only(self.executable)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Each page is in exactly one box.
        #[test]
        fn the_boxes_have_all_pages(pages in prop::collection::vec(any::<(bool, bool)>(), 0..100)) {
            let count = |is: fn(bool, bool) -> bool| {
                pages.iter().filter(|&&(writes, runs)| is(writes, runs)).count() as u64
            };
            let rights = Rights {
                total: pages.len() as u64,
                writable: count(|writes, _| writes),
                executable: count(|_, runs| runs),
                both: count(|writes, runs| writes && runs),
                user: 0,
                step: StepChanges::default(),
            };
            prop_assert_eq!(rights.pages(true, true), count(|writes, runs| writes && runs));
            prop_assert_eq!(rights.pages(true, false), count(|writes, runs| writes && !runs));
            prop_assert_eq!(rights.pages(false, true), count(|writes, runs| !writes && runs));
            prop_assert_eq!(rights.pages(false, false), count(|writes, runs| !writes && !runs));
        }
    }
}
