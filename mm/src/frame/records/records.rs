//! The records of all frames.
//!
//! ```text
//! word m      alike: one record for 64 frames        ─┐ one of the two, the other is empty
//! frames      r r r r … r   64 m to 64 m + 63         ┘
//! ```
//! A run of whole words has one record a word. It is copied to the frames when some of them are
//! shared, retagged or freed alone.

use super::record::{FrameInfo, FrameRecord};
use super::table::{self, Table};
use crate::vocabulary::tag::Tag;

#[derive(Debug)]
pub struct Records<'m> {
    frames: &'m mut [FrameRecord],
    words: &'m mut [FrameRecord],
    table: Table<'m>,
}

impl<'m> Records<'m> {
    /// Records and words of storage for this many frames.
    pub const fn storage(frames: usize) -> (usize, usize) {
        (frames + frames.div_ceil(64), Table::entries(frames))
    }

    /// Creates the records of frames of which none is in use. The storage is zeroed.
    pub fn new(records: &'m mut [FrameRecord], table: &'m mut [u64], frames: usize) -> Self {
        let (frames, words) = records.split_at_mut(frames);
        Records {
            frames,
            words,
            table: Table::new(table),
        }
    }

    /// Returns the number of frames.
    pub const fn len(&self) -> usize {
        self.frames.len()
    }

    /// Returns the record of the frame alone. It is empty if its word is alike.
    #[inline(always)]
    pub fn own(&self, at: usize) -> Option<FrameRecord> {
        self.frames.get(at).copied()
    }

    /// Returns the tag and the references of a frame; a free one has none.
    #[inline]
    pub fn get(&self, at: usize) -> FrameInfo {
        let own = self.frames[at];
        let record = match own {
            FrameRecord::EMPTY => self.words[at / 64],
            _ => own,
        };
        let references = match record.counter() {
            FrameRecord::IN_TABLE => self.table.get(at),
            counter => counter,
        };
        FrameInfo {
            references,
            tag: record.tag(),
        }
    }

    /// Stores the record of a frame that has none.
    #[inline(always)]
    pub fn set_one(&mut self, at: usize, record: FrameRecord) {
        self.frames[at] = record;
    }

    /// Removes the record of a frame with one reference, whose word is not alike.
    #[inline(always)]
    pub fn clear_one(&mut self, at: usize) {
        self.frames[at] = FrameRecord::EMPTY;
    }

    /// Stores the record of frames that have none.
    #[inline(always)]
    pub fn set_run(&mut self, first: usize, frames: usize, record: FrameRecord) {
        let alike = alike_words(first, frames);
        fill(&mut self.words[first / 64..][..alike], record);
        fill(&mut self.frames[first + alike * 64..first + frames], record);
    }

    /// Returns the record that a run was stored with, if it is unchanged, and removes it.
    #[inline(always)]
    pub fn take_run(&mut self, first: usize, frames: usize) -> Option<FrameRecord> {
        let alike = alike_words(first, frames);
        let words = &mut self.words[first / 64..][..alike];
        let rest = &mut self.frames[first + alike * 64..first + frames];
        let &record = words.first().or(rest.first())?;
        if !record.is_freeable() || differ(words, record) || differ(rest, record) {
            return None;
        }
        fill(words, FrameRecord::EMPTY);
        fill(rest, FrameRecord::EMPTY);
        Some(record)
    }

    /// Removes the records of frames with one reference.
    pub fn clear_run(&mut self, first: usize, frames: usize) {
        self.spread(first, frames);
        self.frames[first..first + frames].fill(FrameRecord::EMPTY);
    }

    /// Changes the tag of a frame in use.
    pub fn set_tag(&mut self, at: usize, tag: Tag) {
        self.spread(at, 1);
        self.frames[at] = FrameRecord::new(self.frames[at].counter(), tag);
    }

    /// Changes the number of references of a frame in use. Returns false if the number is too
    /// large, or if too many frames have three and more; nothing changes then.
    pub fn set_references(&mut self, at: usize, references: u32) -> bool {
        let is_in_table = references >= FrameRecord::IN_TABLE;
        if is_in_table && (references > table::MOST || !self.table.set(at, references)) {
            return false;
        }
        self.spread(at, 1);
        if !is_in_table {
            self.table.remove(at);
        }
        let counter = references.min(FrameRecord::IN_TABLE);
        self.frames[at] = FrameRecord::new(counter, self.frames[at].tag());
        true
    }

    /// True if no frame of this word has a record.
    pub fn is_word_empty(&self, word: usize) -> bool {
        let end = self.frames.len().min(word * 64 + 64);
        let empty = FrameRecord::EMPTY;
        let own = self.frames[word * 64..end].iter();
        let found = own.fold(0, |found, record| found | record.difference(empty));
        found == 0 && self.words[word] == empty
    }

    /// True if no frame of this word has a record of its own beside that of the word.
    pub fn is_word_consistent(&self, word: usize) -> bool {
        let end = self.frames.len().min(word * 64 + 64);
        let mut own = self.frames[word * 64..end].iter();
        self.words[word] == FrameRecord::EMPTY || own.all(|&record| record == FrameRecord::EMPTY)
    }

    /// Gives each frame of these words a record of its own.
    #[inline]
    fn spread(&mut self, first: usize, frames: usize) {
        for word in first / 64..(first + frames).div_ceil(64) {
            if self.words[word] != FrameRecord::EMPTY {
                let record = core::mem::take(&mut self.words[word]);
                self.frames[word * 64..word * 64 + 64].fill(record);
            }
        }
    }
}

/// Returns the number of words for which one record each suffices: all whole words of a run that
/// begins with a word.
#[inline(always)]
const fn alike_words(first: usize, frames: usize) -> usize {
    if first.is_multiple_of(64) {
        frames / 64
    } else {
        0
    }
}

/// True if a record differs from this one.
#[inline(always)]
fn differ(records: &[FrameRecord], record: FrameRecord) -> bool {
    let each = records.iter().map(|other| other.difference(record));
    each.fold(0, |all, difference| all | difference) != 0
}

/// Stores a record in a loop: most runs are short, and a call of `memset` takes longer.
#[inline(always)]
fn fill(records: &mut [FrameRecord], record: FrameRecord) {
    for each in records {
        *each = record;
    }
}
