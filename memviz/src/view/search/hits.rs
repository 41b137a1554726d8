//! The events of the history that match: one bit for each.
//!
//! ```text
//!            first                       end
//!  forgotten  │ 0 0 1 0 1 1 0 0 0 0 1 0 0 │ ◄── push
//! ```
//! Invariants: `first <= end`, and `end - first` is at most the capacity. The bit of event `n` is
//! bit `n` modulo the capacity, which is a multiple of 64. Bits of forgotten events are zero.

/// The matching events.
#[derive(Debug)]
pub struct Hits<'m> {
    bits: &'m mut [u64],
    first: u64,
    end: u64,
    count: u64,
}

impl<'m> Hits<'m> {
    /// Creates an empty set that can hold 64 events for each word.
    pub fn new(bits: &'m mut [u64]) -> Hits<'m> {
        Hits {
            bits,
            first: 0,
            end: 0,
            count: 0,
        }
    }

    /// Forgets everything. The next event has this number.
    pub fn restart(&mut self, next: u64) {
        self.bits.fill(0);
        (self.first, self.end, self.count) = (next, next, 0);
    }

    /// Returns the number of the next event.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Returns the number of matches.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the maximum number of events.
    pub fn capacity(&self) -> u64 {
        self.bits.len() as u64 * 64
    }

    /// Forgets the events before this number.
    pub fn forget_before(&mut self, first: u64) {
        let last = first.min(self.end);
        while self.first < last {
            let (word, bit) = self.slot(self.first);
            let inside = (last - self.first).min(64 - bit);
            let mask = (u64::MAX >> (64 - inside)) << bit;
            self.count -= u64::from((self.bits[word] & mask).count_ones());
            self.bits[word] &= !mask;
            self.first += inside;
        }
        self.first = self.first.max(first);
        self.end = self.end.max(first);
    }

    /// Adds the next event, and forgets the oldest one if there is no room.
    pub fn push(&mut self, is_hit: bool) {
        self.forget_before((self.end + 1).saturating_sub(self.capacity()));
        if self.bits.is_empty() {
            return;
        }
        let (word, bit) = self.slot(self.end);
        self.bits[word] |= u64::from(is_hit) << bit;
        self.count += u64::from(is_hit);
        self.end += 1;
    }

    /// Returns the first match whose number is at least `from`.
    pub fn next(&self, from: u64) -> Option<u64> {
        let mut number = from.max(self.first);
        while number < self.end {
            let (word, bit) = self.slot(number);
            let rest = self.bits[word] >> bit;
            if rest != 0 {
                let found = number + u64::from(rest.trailing_zeros());
                return (found < self.end).then_some(found);
            }
            number += 64 - bit;
        }
        None
    }

    /// Returns the last match whose number is below `to`.
    pub fn last_before(&self, to: u64) -> Option<u64> {
        let mut end = to.min(self.end);
        while end > self.first {
            let (word, bit) = self.slot(end - 1);
            let rest = self.bits[word] << (63 - bit);
            if rest != 0 {
                let found = (end - 1).checked_sub(u64::from(rest.leading_zeros()));
                return found.filter(|&found| found >= self.first);
            }
            end = end.saturating_sub(bit + 1);
        }
        None
    }

    /// Returns the number of matches whose number is below `to`.
    pub fn count_before(&self, to: u64) -> u64 {
        let (mut number, mut count) = (self.first, 0);
        let to = to.min(self.end);
        while number < to {
            let (word, bit) = self.slot(number);
            let inside = (to - number).min(64 - bit);
            let mask = (u64::MAX >> (64 - inside)) << bit;
            count += u64::from((self.bits[word] & mask).count_ones());
            number += inside;
        }
        count
    }

    /// Returns the word of an event, and the bit in it.
    fn slot(&self, number: u64) -> (usize, u64) {
        let word = number / 64 % self.bits.len() as u64;
        (word as usize, number % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The bits compared with a plain list of the matching numbers.
        #[test]
        fn agrees_with_a_list(
            start in 0u64..200,
            words in 1usize..4,
            steps in prop::collection::vec((0u8..5, 0u64..90), 1..60),
            from in 0u64..900,
        ) {
            let mut bits = vec![0; words];
            let mut hits = Hits::new(&mut bits);
            hits.restart(start);
            let (mut first, mut end, mut list) = (start, start, Vec::new());
            for (step, amount) in steps {
                if step == 0 {
                    first = (first + amount).max(first);
                    end = end.max(first);
                    hits.forget_before(first);
                } else {
                    for number in 0..amount {
                        let is_hit = number % u64::from(step) == 0;
                        hits.push(is_hit);
                        list.extend(is_hit.then_some(end));
                        end += 1;
                        first = first.max(end.saturating_sub(words as u64 * 64));
                    }
                }
                list.retain(|&number| number >= first);
            }
            prop_assert_eq!((hits.end(), hits.count()), (end, list.len() as u64));
            prop_assert_eq!(hits.next(from), list.iter().copied().find(|&number| number >= from));
            let before = list.iter().copied().filter(|&number| number < from);
            prop_assert_eq!(hits.last_before(from), before.clone().next_back());
            prop_assert_eq!(hits.count_before(from), before.count() as u64);
        }
    }

    #[test]
    fn without_room_nothing_matches() {
        let mut hits = Hits::new(&mut []);
        hits.push(true);
        assert_eq!(
            (hits.next(0), hits.last_before(9), hits.count()),
            (None, None, 0)
        );
    }
}
