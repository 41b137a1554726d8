//! Reads the blocks of a trace file, one after another, in bounded memory.

use crate::coder::Coder;
use crate::error::TraceError;
use crate::format::{BLOCK_BYTES, BLOCK_HEADER, EVENTS_AT_ONCE, MAGIC};
use crc32fast::Hasher;
use flate2::read::DeflateDecoder;
use memviz::dashboard::record::{OLDEST_VERSION, Record, VERSION};
use memviz::timeline::EventWords;
use mm::event::Event;
use std::io::{ErrorKind, Read};

/// A record, or events.
#[derive(Debug)]
pub enum Item<'a> {
    /// A record other than [`Record::Events`].
    Record(Record<'a>),
    /// The next events.
    Events(&'a [EventWords]),
}

/// How the blocks ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The last record says that the run ended.
    Whole,
    /// The file was cut: everything up to its last whole block was read.
    Cut,
}

/// A trace file that is being read.
pub struct Reader<R: Read> {
    file: R,
    block: Vec<u8>,
    number: u64,
    /// The position of the block in the file.
    at: u64,
    next: u64,
    coder: Coder,
    events: u64,
    has_end: bool,
}

impl<R: Read> Reader<R> {
    /// Opens a file.
    ///
    /// # Errors
    /// It is not a trace file, or one of another version.
    pub fn new(mut file: R) -> Result<Reader<R>, TraceError> {
        let mut header = [0; MAGIC.len() + 2];
        if fill(&mut file, &mut header)? < header.len() || !header.starts_with(&MAGIC) {
            return Err(TraceError::NotATrace);
        }
        let version = u16::from_le_bytes([header[8], header[9]]);
        if !(OLDEST_VERSION..=VERSION).contains(&version) {
            return Err(TraceError::Version(version));
        }
        Ok(Reader {
            file,
            block: Vec::new(),
            number: 0,
            at: 0,
            next: header.len() as u64,
            coder: Coder::new(),
            events: 0,
            has_end: false,
        })
    }

    /// Passes every item to `take`, until that refuses one or returns false.
    ///
    /// # Errors
    /// The file is damaged, or `take` refuses an item.
    pub fn for_each(
        &mut self,
        mut take: impl FnMut(Item<'_>) -> Result<bool, TraceError>,
    ) -> Result<Ending, TraceError> {
        while self.next_block()? {
            let block = core::mem::take(&mut self.block);
            let goes_on = self.items(&block, &mut take)?;
            self.block = block;
            if !goes_on {
                return Ok(Ending::Whole);
            }
        }
        Ok(match self.has_end {
            true => Ending::Whole,
            false => Ending::Cut,
        })
    }

    fn items(
        &mut self,
        mut bytes: &[u8],
        take: &mut impl FnMut(Item<'_>) -> Result<bool, TraceError>,
    ) -> Result<bool, TraceError> {
        let mut events = Vec::new();
        while !bytes.is_empty() {
            let (record, rest) = postcard::take_from_bytes::<Record>(bytes)
                .map_err(|_| self.damaged("a record cannot be decoded"))?;
            bytes = rest;
            let goes_on = match record {
                Record::Events(end) => {
                    events.clear();
                    self.decode(end, &mut bytes, &mut events)?;
                    take(Item::Events(&events))?
                }
                record => {
                    self.has_end |= record == Record::End;
                    take(Item::Record(record))?
                }
            };
            if !goes_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decodes the events up to number `end`, which must be valid.
    fn decode(
        &mut self,
        end: u64,
        bytes: &mut &[u8],
        events: &mut Vec<EventWords>,
    ) -> Result<(), TraceError> {
        let count = end.checked_sub(self.events);
        if count.is_none_or(|count| count > EVENTS_AT_ONCE) {
            return Err(self.damaged("the number of events is wrong"));
        }
        while self.events < end {
            let words = self.coder.decode(bytes);
            let words = words.filter(|&words| Event::from_words(words).is_ok());
            events.push(words.ok_or_else(|| self.damaged("an event cannot be decoded"))?);
            self.events += 1;
        }
        Ok(())
    }

    /// Reads the next block. Returns false where none is whole.
    fn next_block(&mut self) -> Result<bool, TraceError> {
        self.at = self.next;
        let mut header = [0; BLOCK_HEADER];
        if fill(&mut self.file, &mut header)? < header.len() {
            return Ok(false);
        }
        let word = |at: usize| [header[at], header[at + 1], header[at + 2], header[at + 3]];
        let length = u32::from_le_bytes(word(0)) as usize;
        let stored_length = u32::from_le_bytes(word(4)) as usize;
        if length > BLOCK_BYTES || stored_length > BLOCK_BYTES {
            return Err(self.damaged("the block is too long"));
        }
        let mut stored = vec![0; stored_length];
        if fill(&mut self.file, &mut stored)? < stored_length {
            return Ok(false);
        }
        let mut checksum = Hasher::new();
        checksum.update(&word(0));
        checksum.update(&stored);
        if checksum.finalize() != u32::from_le_bytes(word(8)) {
            return Err(self.damaged("the checksum is wrong"));
        }
        self.block.clear();
        let mut decoder = DeflateDecoder::new(&stored[..]).take(BLOCK_BYTES as u64 + 1);
        let decoded = decoder.read_to_end(&mut self.block);
        if decoded.is_err() || self.block.len() != length {
            return Err(self.damaged("the block cannot be decompressed"));
        }
        self.next += (BLOCK_HEADER + stored_length) as u64;
        self.number += 1;
        Ok(true)
    }

    fn damaged(&self, why: &'static str) -> TraceError {
        TraceError::Damaged {
            block: self.number.saturating_sub(u64::from(self.at != self.next)),
            at: self.at,
            why,
        }
    }
}

/// Reads until the buffer is full or the file ends. Returns the number of bytes.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize, TraceError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}
