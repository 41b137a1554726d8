//! A file with the memory map of another machine.
//!
//! ```text
//! dmesg > laptop.txt      run --memory-map laptop.txt      kernel: 0x0 0x9fc00 usable …
//! ```
//! The parser is that of the kernel (`mm::memory_map::text`). The tool refuses an invalid map
//! before a machine starts.

use std::fmt::Write;

use mm::memory_map::text::{self, TextError};
use mm::memory_map::{FirmwareEntry, MemoryKind};
use mm::units::Bytes;

/// The maximum number of entries that the kernel takes.
const MOST: usize = 1024;

/// The entries of a memory map, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapFile {
    entries: Vec<FirmwareEntry>,
}

impl MapFile {
    /// Reads a file.
    pub fn read(path: &str) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "the file is not text")?;
        let map = Self::parse(&text).map_err(|error| error.to_string())?;
        match map.entries.len() {
            0..=MOST => Ok(map),
            count => Err(format!("{count} entries, and {MOST} fit")),
        }
    }

    fn parse(text: &str) -> Result<Self, TextError> {
        let mut entries = Vec::new();
        text::parse(text, |entry| entries.push(entry))?;
        Ok(Self { entries })
    }

    /// Returns the map in the form that the kernel reads: a line for each entry.
    pub fn to_kernel(&self) -> Vec<u8> {
        let mut lines = String::new();
        for FirmwareEntry { start, bytes, kind } in &self.entries {
            let end = start + bytes;
            writeln!(lines, "{start:#x} {end:#x} {}", kind.words()).expect("a string has room");
        }
        lines.into()
    }

    /// Returns a note on the usable memory that a machine with this memory lacks.
    pub fn note(&self, memory: u64) -> Option<String> {
        let usable = self
            .entries
            .iter()
            .filter(|entry| entry.kind == MemoryKind::Usable);
        let needed = usable.map(|entry| entry.bytes).sum::<u64>();
        let is_less = memory < needed;
        let (needed, memory) = (Bytes(needed), Bytes(memory));
        is_less.then(|| {
            format!("memory map: {needed} are usable in it, and the machine has {memory} (--memory): the rest is reserved")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_reads_what_is_written_for_it() {
        let kinds = MemoryKind::ALL
            .iter()
            .filter(|kind| **kind != MemoryKind::KernelAndModules);
        let lines: Vec<String> = (0u64..)
            .zip(kinds)
            .map(|(at, kind)| format!("{:#x} {:#x} {}", at << 20, (at + 1) << 20, kind.words()))
            .collect();
        let map = MapFile::parse(&lines.join("\n")).unwrap();
        assert_eq!(map.entries.len(), MemoryKind::ALL.len() - 1);
        let text = String::from_utf8(map.to_kernel()).unwrap();
        assert_eq!(MapFile::parse(&text), Ok(map));
    }

    #[test]
    fn the_example_of_the_docs_is_a_map() {
        let path = crate::build::root().join("docs/memory-maps/laptop.txt");
        let map = MapFile::read(path.to_str().unwrap()).unwrap();
        assert!(map.entries.len() > 20, "{}", map.entries.len());
        assert!(map.note(256 << 20).is_some());
        assert!(map.note(64 << 30).is_none());
    }
}
