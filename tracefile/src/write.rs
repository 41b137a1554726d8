//! Writes records in compressed blocks.
//!
//! ```text
//! magic: 8   version: u16   block …        block: length: u32   stored: u32   checksum: u32   bytes
//! ```
//! Invariant: a file that is cut anywhere has all records of its whole blocks.

use crate::coder::Coder;
use crate::format::{BLOCK_FULL, BLOCK_HEADER, EVENTS_AT_ONCE, MAGIC};
use crc32fast::Hasher;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use memviz::dashboard::record::{Record, VERSION};
use memviz::timeline::EventWords;
use std::io::{self, Write};

/// A trace file that is being written.
pub struct Writer<W: Write> {
    file: W,
    block: Vec<u8>,
    coder: Coder,
    events: u64,
    /// Bytes before compression, events at 32 bytes.
    raw: u64,
    written: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(mut file: W) -> io::Result<Writer<W>> {
        file.write_all(&MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        Ok(Writer {
            file,
            block: Vec::new(),
            coder: Coder::new(),
            events: 0,
            raw: 0,
            written: MAGIC.len() as u64 + 2,
        })
    }

    /// Appends a record other than [`Record::Events`].
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let before = self.block.len();
        self.put(record)?;
        self.raw += (self.block.len() - before) as u64;
        self.end_full_block()
    }

    /// Appends the events after those that were appended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn events(&mut self, events: &[EventWords]) -> io::Result<()> {
        for events in events.chunks(EVENTS_AT_ONCE as usize) {
            self.events += events.len() as u64;
            self.put(&Record::Events(self.events))?;
            for words in events {
                self.coder.encode(words, &mut self.block);
            }
            self.raw += size_of_val(events) as u64;
            self.end_full_block()?;
        }
        Ok(())
    }

    /// The number of events so far.
    pub fn event_count(&self) -> u64 {
        self.events
    }

    /// Ends the file. Returns its length, and the length of its content without compression.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> io::Result<(u64, u64)> {
        self.record(&Record::End)?;
        self.end_block()?;
        self.file.flush()?;
        Ok((self.written, self.raw))
    }

    /// Writes what there is as a block.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.block)?;
        let stored = encoder.finish()?;
        let length = (self.block.len() as u32).to_le_bytes();
        let mut checksum = Hasher::new();
        checksum.update(&length);
        checksum.update(&stored);
        self.file.write_all(&length)?;
        self.file.write_all(&(stored.len() as u32).to_le_bytes())?;
        self.file.write_all(&checksum.finalize().to_le_bytes())?;
        self.file.write_all(&stored)?;
        self.file.flush()?;
        self.written += (BLOCK_HEADER + stored.len()) as u64;
        self.block.clear();
        Ok(())
    }

    fn put(&mut self, record: &Record<'_>) -> io::Result<()> {
        postcard::to_io(record, &mut self.block).map_err(io::Error::other)?;
        Ok(())
    }

    fn end_full_block(&mut self) -> io::Result<()> {
        match self.block.len() >= BLOCK_FULL {
            true => self.end_block(),
            false => Ok(()),
        }
    }
}
