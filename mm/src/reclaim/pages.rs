//! The resident pages: one record each, linked into lists that a policy orders.
//!
//! ```text
//! lists     0        1        2     …   255        a policy says what a list means:
//!           │        │                              FIFO, LRU, clock: all pages are in list 0
//!           ▼        ▼                              NRU: the class; aging: the register
//! records  [3] ⇄ [0] [2]   [1] free
//! ```
//!
//! Invariants: a resident page is in exactly one list, a free record in none. A bit of `occupied`
//! is set if and only if the list of its number is not empty.

use super::generator::Generator;

/// Marks the end of a list, and the list of a free record.
const NONE: u32 = u32::MAX;
const FREE: u16 = u16::MAX;

/// How many lists there are: one for each value of a register of aging.
pub const LISTS: usize = 256;

/// The state of one page, and its neighbours in its list: 24 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    before: u32,
    after: u32,
    list: u16,
    /// The page was referenced since the bit was cleared.
    pub accessed: bool,
    /// The page was written since it was loaded.
    pub dirty: bool,
    /// The number of the reference that uses the page next; `u64::MAX` if none does.
    pub next_use: u64,
}

impl Record {
    /// A record without a page.
    pub const FREE: Record = Record {
        before: NONE,
        after: NONE,
        list: FREE,
        accessed: false,
        dirty: false,
        next_use: u64::MAX,
    };
}

#[derive(Clone, Copy, Debug)]
struct Ends {
    first: u32,
    last: u32,
}

/// The records of all frames, and the lists of those that hold a page.
#[derive(Debug)]
pub struct Pages<'m> {
    records: &'m mut [Record],
    lists: [Ends; LISTS],
    occupied: [u64; LISTS / 64],
    resident: usize,
    generator: Generator,
}

impl<'m> Pages<'m> {
    /// Makes all records free. `seed` starts the pseudo-random numbers.
    ///
    /// # Panics
    /// There are 2^32 - 1 records or more.
    pub fn new(records: &'m mut [Record], seed: u64) -> Pages<'m> {
        assert!(records.len() < NONE as usize, "too many frames");
        records.fill(Record::FREE);
        let empty = Ends {
            first: NONE,
            last: NONE,
        };
        Pages {
            records,
            lists: [empty; LISTS],
            occupied: [0; LISTS / 64],
            resident: 0,
            generator: Generator::new(seed),
        }
    }

    /// How many pages fit.
    pub fn capacity(&self) -> usize {
        self.records.len()
    }

    /// How many pages are resident.
    pub fn resident(&self) -> usize {
        self.resident
    }

    /// True if the frame holds a page.
    pub fn is_resident(&self, index: usize) -> bool {
        self.records
            .get(index)
            .is_some_and(|record| record.list != FREE)
    }

    /// The record of a frame.
    pub fn record(&self, index: usize) -> &Record {
        &self.records[index]
    }

    /// The record of a frame, to change its bits.
    pub fn record_mut(&mut self, index: usize) -> &mut Record {
        &mut self.records[index]
    }

    /// The list that holds a resident page.
    pub fn list_of(&self, index: usize) -> usize {
        usize::from(self.records[index].list)
    }

    /// The first page of a list: the one that joined it first.
    pub fn first(&self, list: usize) -> Option<usize> {
        some(self.lists[list].first)
    }

    /// The last page of a list.
    pub fn last(&self, list: usize) -> Option<usize> {
        some(self.lists[list].last)
    }

    /// The page after this one in its list.
    pub fn after(&self, index: usize) -> Option<usize> {
        some(self.records[index].after)
    }

    /// The lowest list that holds a page.
    pub fn lowest_list(&self) -> Option<usize> {
        let word = self.occupied.iter().position(|&word| word != 0)?;
        Some(word * 64 + self.occupied[word].trailing_zeros() as usize)
    }

    /// Returns a pseudo-random number below the capacity.
    pub fn draw(&mut self) -> usize {
        self.generator.below(self.records.len())
    }

    /// Makes a page resident, as the last of a list.
    pub fn push(&mut self, list: usize, index: usize) {
        debug_assert!(!self.is_resident(index), "frame {index} holds a page");
        let last = self.lists[list].last;
        let record = &mut self.records[index];
        record.list = list as u16;
        record.before = last;
        record.after = NONE;
        match some(last) {
            Some(last) => self.records[last].after = index as u32,
            None => {
                self.lists[list].first = index as u32;
                self.occupied[list / 64] |= 1 << (list % 64);
            }
        }
        self.lists[list].last = index as u32;
        self.resident += 1;
    }

    /// Takes a page out of its list: the record is free.
    pub fn remove(&mut self, index: usize) {
        debug_assert!(self.is_resident(index), "frame {index} holds no page");
        let Record {
            before,
            after,
            list,
            ..
        } = self.records[index];
        let list = usize::from(list);
        match some(before) {
            Some(before) => self.records[before].after = after,
            None => self.lists[list].first = after,
        }
        match some(after) {
            Some(after) => self.records[after].before = before,
            None => self.lists[list].last = before,
        }
        if self.lists[list].first == NONE {
            self.occupied[list / 64] &= !(1 << (list % 64));
        }
        self.records[index].list = FREE;
        self.resident -= 1;
    }

    /// Makes a resident page the last of a list, of its own or of another.
    pub fn move_to(&mut self, list: usize, index: usize) {
        self.remove(index);
        self.push(list, index);
    }

    /// Appends a list to another, page by page from its first.
    pub fn append(&mut self, to: usize, from: usize) {
        debug_assert_ne!(to, from);
        while let Some(index) = self.first(from) {
            self.move_to(to, index);
        }
    }

    /// Checks the invariants from first principles. Costs time in proportion to the frames.
    pub fn validate(&self) -> Result<(), &'static str> {
        let mut linked = 0;
        for list in 0..LISTS {
            let is_marked = self.occupied[list / 64] & (1 << (list % 64)) != 0;
            if is_marked != (self.lists[list].first != NONE) {
                return Err("the set of occupied lists is wrong");
            }
            let (mut before, mut at) = (NONE, self.lists[list].first);
            while let Some(index) = some(at) {
                let record = &self.records[index];
                if usize::from(record.list) != list || record.before != before {
                    return Err("a link is wrong");
                }
                linked += 1;
                if linked > self.records.len() {
                    return Err("a list has a cycle");
                }
                (before, at) = (at, record.after);
            }
            if self.lists[list].last != before {
                return Err("the end of a list is wrong");
            }
        }
        let resident = self.records.iter().filter(|record| record.list != FREE);
        if linked != self.resident || resident.count() != linked {
            return Err("the number of resident pages is wrong");
        }
        Ok(())
    }
}

fn some(index: u32) -> Option<usize> {
    (index != NONE).then_some(index as usize)
}
