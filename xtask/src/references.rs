//! Reads a reference string from a file. Two formats are known:
//!
//! ```text
//! numbers   7, 0, 1w 2    pages, decimal or 0x…, separated by commas or white space;
//!                         a w after a number makes it a write; # starts a comment
//! lackey    ==42== …      Valgrind's --tool=lackey --trace-mem=yes: lines with == are ignored
//!           I  04016b80,3 instruction fetch, used on request
//!            L 1ffe,8     load;  S store;  M modify: one write
//! ```
//! A lackey access that crosses a page boundary references both pages, in the order of addresses.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use mm::reclaim::PageReference;

/// Bits of the offset within a page.
const PAGE_BITS: u32 = 12;
/// The number of pages that a page number of the replay can name.
const MOST_PAGES: usize = 1 << 31;

/// A malformed file: the line and the reason. The tool ends with status 2.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}line {line}: {reason}")]
pub struct BadInput {
    file: String,
    /// From 1.
    pub line: usize,
    pub reason: String,
}

impl BadInput {
    pub fn new(line: usize, reason: impl Into<String>) -> Self {
        Self {
            file: String::new(),
            line,
            reason: reason.into(),
        }
    }

    /// Names the file in the message.
    pub fn in_file(mut self, file: &Path) -> Self {
        self.file = format!("{}, ", file.display());
        self
    }
}

/// The references, with pages numbered in the order of their first reference.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReferenceString {
    pub references: Vec<PageReference>,
    /// The page of the file that each number stands for.
    pub pages: Vec<u64>,
    numbers: HashMap<u64, u32>,
}

impl ReferenceString {
    /// Returns the string in the form that the kernel reads: the number of references, then each
    /// one with bit 31 set for a write; 32 bits each, little-endian.
    pub fn to_kernel(&self) -> Vec<u8> {
        let word = |r: &PageReference| r.page | u32::from(r.write) << 31;
        let words =
            std::iter::once(self.references.len() as u32).chain(self.references.iter().map(word));
        words.flat_map(u32::to_le_bytes).collect()
    }

    fn push(&mut self, page: u64, write: bool) -> Result<(), String> {
        let number = match self.numbers.get(&page) {
            Some(&number) => number,
            None if self.pages.len() == MOST_PAGES => {
                return Err(format!("more than {MOST_PAGES} different pages"));
            }
            None => {
                let number = self.pages.len() as u32;
                self.pages.push(page);
                self.numbers.insert(page, number);
                number
            }
        };
        if self.references.len() == u32::MAX as usize {
            return Err(format!("more than {} references", u32::MAX));
        }
        self.references.push(PageReference {
            page: number,
            write,
        });
        Ok(())
    }
}

/// Reads a file by its path.
pub fn read_file(path: &Path, fetches: bool) -> Result<ReferenceString> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(read(&bytes, fetches).map_err(|error| error.in_file(path))?)
}

/// Reads a file. `fetches` includes the instruction fetches of a lackey trace.
pub fn read(bytes: &[u8], fetches: bool) -> Result<ReferenceString, BadInput> {
    let mut string = ReferenceString::default();
    let lines = || bytes.split(|&byte| byte == b'\n').enumerate();
    let is_lackey = lines().any(|(_, line)| is_lackey_line(line));
    for (number, line) in lines() {
        let line = std::str::from_utf8(line)
            .map_err(|_| BadInput::new(number + 1, "this is not text (UTF-8)"))?;
        let result = match is_lackey {
            true => lackey_line(&mut string, line, fetches),
            false => number_line(&mut string, line),
        };
        result.map_err(|reason| BadInput::new(number + 1, reason))?;
    }
    if string.references.is_empty() {
        return Err(BadInput::new(1, "the file has no reference"));
    }
    Ok(string)
}

/// True for a line that only lackey writes.
fn is_lackey_line(line: &[u8]) -> bool {
    line.starts_with(b"==")
        || [&b"I  "[..], b" L ", b" S ", b" M "]
            .iter()
            .any(|start| line.starts_with(start))
}

fn number_line(string: &mut ReferenceString, line: &str) -> Result<(), String> {
    let line = line.split('#').next().unwrap_or_default();
    let separator = |c: char| c == ',' || c.is_whitespace();
    for word in line.split(separator).filter(|word| !word.is_empty()) {
        let (digits, write) = match word.strip_suffix(['w', 'W']) {
            Some(digits) => (digits, true),
            None => (word, false),
        };
        let page = page_number(digits).ok_or_else(|| {
            format!("“{word}” is not a page: a number is expected, with a w after it for a write")
        })?;
        string.push(page, write)?;
    }
    Ok(())
}

fn page_number(digits: &str) -> Option<u64> {
    if digits.starts_with('+') {
        return None;
    }
    match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => digits.parse().ok(),
    }
}

fn lackey_line(string: &mut ReferenceString, line: &str, fetches: bool) -> Result<(), String> {
    const EXPECTED: &str =
        "“I”, “L”, “S” or “M” is expected, then an address, a comma and a size in bytes";
    if line.starts_with("==") || line.trim().is_empty() {
        return Ok(());
    }
    let (kind, access) = line.trim().split_once(' ').ok_or(EXPECTED)?;
    let write = match kind {
        "I" | "L" => false,
        "S" | "M" => true,
        _ => return Err(EXPECTED.into()),
    };
    let (address, size) = access.trim().split_once(',').ok_or(EXPECTED)?;
    let is_digits = |text: &str| !text.starts_with('+');
    let address = Some(address)
        .filter(|text| is_digits(text))
        .and_then(|text| u64::from_str_radix(text, 16).ok())
        .ok_or_else(|| format!("“{address}” is not a hexadecimal address"))?;
    let size = Some(size)
        .filter(|text| is_digits(text))
        .and_then(|text| text.parse::<u16>().ok())
        .filter(|&size| size > 0)
        .ok_or_else(|| format!("“{size}” is not a size from 1 to {}", u16::MAX))?;
    let last = address
        .checked_add(u64::from(size) - 1)
        .ok_or_else(|| format!("{size} bytes at 0x{address:x} reach past the last address"))?;
    if kind == "I" && !fetches {
        return Ok(());
    }
    for page in address >> PAGE_BITS..=last >> PAGE_BITS {
        string.push(page, write)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(text: &str) -> Vec<(u64, bool)> {
        let string = read(text.as_bytes(), false).unwrap();
        let page = |r: &PageReference| (string.pages[r.page as usize], r.write);
        string.references.iter().map(page).collect()
    }

    fn refusal(text: &str) -> (usize, String) {
        let error = read(text.as_bytes(), false).unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn numbers_are_separated_by_commas_spaces_and_lines() {
        let expected = [(7, false), (0, true), (16, false), (7, false)];
        assert_eq!(pages("7, 0w,0x10\n\n 7 # the end\n"), expected);
        assert_eq!(pages("7,0w 16\r\n7\r\n"), expected);
    }

    #[test]
    fn a_malformed_line_is_refused_with_its_number() {
        for (text, line, part) in [
            ("1 2\n3 x", 2, "“x”"),
            ("1\n\n-1", 3, "“-1”"),
            ("1 +2", 1, "“+2”"),
            ("w", 1, "“w”"),
            ("18446744073709551616", 1, "“18446744073709551616”"),
            ("", 1, "no reference"),
            ("# nothing\n", 1, "no reference"),
            (" L 10,4\n X 10,4", 2, "expected"),
            (" L 10,4\n S 1g,4", 2, "“1g”"),
            (" L 10,4\n S 10,0", 2, "“0”"),
            (" L ffffffffffffffff,2", 1, "past the last address"),
        ] {
            let (number, reason) = refusal(text);
            assert_eq!(number, line, "{text:?}: {reason}");
            assert!(reason.contains(part), "{text:?}: {reason}");
        }
        assert_eq!(read(b"1\n\xff", false).unwrap_err().line, 2);
    }

    #[test]
    fn a_trace_of_lackey_is_read_by_pages() {
        let text = "==42== Lackey\n\nI  00400000,3\n L 00001ff8,8\n S 00001ffc,8\n M 3000,4\n";
        let expected = [(1, false), (1, true), (2, true), (3, true)];
        assert_eq!(pages(text), expected);
        let with_fetches = read(text.as_bytes(), true).unwrap();
        assert_eq!(with_fetches.references.len(), 5);
        assert_eq!(with_fetches.pages[0], 0x400);
    }
}
