//! Comparing pages in swap and swap slots with the machine, in both directions.

use super::ground::GroundTruth;
use super::mismatch::Mismatch;
use crate::model::Model;
use crate::model::swap::StoredPage;

impl Model<'_> {
    /// Compares the entries that name a swap slot, and the slots.
    pub fn verify_swap(&mut self, truth: &impl GroundTruth, mut report: impl FnMut(&Mismatch)) {
        self.swap.differing = self.verify_swapped_pages(truth, &mut report)
            + self.verify_swap_slots(truth, &mut report);
    }

    fn verify_swapped_pages(
        &self,
        truth: &impl GroundTruth,
        report: &mut impl FnMut(&Mismatch),
    ) -> u64 {
        let (mut differing, mut met) = (0, 0);
        let swap = &self.swap;
        truth.swapped_pages(&mut |space, page, machine| {
            let picture = swap.slot_of(space, page);
            met += usize::from(picture.is_some());
            let is_unknown = picture.is_none() && swap.missing() > 0;
            if picture != Some(machine) && !is_unknown {
                differing += 1;
                report(&Mismatch::SwappedPage {
                    space,
                    page,
                    picture,
                    machine: Some(machine),
                });
            }
        });
        if met == swap.pages() {
            return differing;
        }
        // The machine lacks some of them.
        for (space, page, slot) in swap.all_pages() {
            let mut has = false;
            truth.swapped_pages(&mut |other, at, _| has |= (other, at) == (space, page));
            if !has {
                differing += 1;
                report(&Mismatch::SwappedPage {
                    space,
                    page,
                    picture: Some(slot),
                    machine: None,
                });
            }
        }
        differing
    }

    fn verify_swap_slots(
        &self,
        truth: &impl GroundTruth,
        report: &mut impl FnMut(&Mismatch),
    ) -> u64 {
        let mut differing = 0;
        let mut compare = |number, machine| {
            let picture = self.swap.slot(number);
            if picture != machine {
                differing += 1;
                report(&Mismatch::SwapSlot {
                    number,
                    picture,
                    machine,
                });
            }
        };
        let (mut used, mut next) = (0, 0);
        truth.swap_slots(&mut |number, machine| {
            // The slots between two that are used are free.
            if self.swap.used() > 0 {
                (next..number).for_each(|free| compare(free, StoredPage::default()));
            }
            compare(number, machine);
            (used, next) = (used + 1, number + 1);
        });
        if used != self.swap.used() {
            (next..self.swap.slots()).for_each(|free| compare(free, StoredPage::default()));
        }
        differing
    }
}
