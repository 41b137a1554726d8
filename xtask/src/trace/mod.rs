//! Requests to an allocator, read from a file. Three formats are known:
//!
//! ```text
//! .rep     four numbers (heap size, blocks, requests, weight), then “a ID BYTES”, “r ID BYTES”
//!          or “f ID”: the traces of the malloc lab
//! ltrace   [pid 7] malloc(32) = 0x55d0…     also calloc, realloc, free, unfinished and resumed
//! CSV      time,op,id,bytes,align,tag       op is malloc, realloc or free
//! ```
//! A free of what is not live and a size that overflows are requests that the allocator has to
//! catch, not malformed input.

mod csv;
mod ltrace;
mod rep;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::references::BadInput;

/// A request. Blocks have numbers from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    Allocate {
        block: usize,
        bytes: u64,
    },
    Resize {
        block: usize,
        bytes: u64,
    },
    Free {
        block: usize,
    },
    /// A free or a resize of what was never allocated.
    FreeUnknown,
    /// A free or a resize of a block that was freed before.
    FreeAgain,
    /// A size that no 64-bit number holds.
    SizeOverflow,
}

/// The requests of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    pub requests: Vec<Request>,
    /// Number of blocks.
    pub blocks: usize,
    /// For each name of a block that is or was live: its number, and true while it is live.
    names: HashMap<u64, (usize, bool)>,
}

impl Trace {
    /// Allocates a block under this name. The name of a live block passes to the new one.
    fn allocate(&mut self, name: u64, bytes: u64) {
        let block = self.blocks;
        self.blocks += 1;
        self.names.insert(name, (block, true));
        self.requests.push(Request::Allocate { block, bytes });
    }

    /// Resizes a block, which has another name from then on.
    fn resize(&mut self, name: u64, new_name: u64, bytes: u64) {
        let request = self.used(name, |block| Request::Resize { block, bytes });
        if let Request::Resize { block, .. } = request {
            self.names.insert(name, (block, false));
            self.names.insert(new_name, (block, true));
        }
        self.requests.push(request);
    }

    fn free(&mut self, name: u64) {
        let request = self.used(name, |block| Request::Free { block });
        if let Request::Free { block } = request {
            self.names.insert(name, (block, false));
        }
        self.requests.push(request);
    }

    fn used(&self, name: u64, request: impl FnOnce(usize) -> Request) -> Request {
        match self.names.get(&name) {
            Some(&(block, true)) => request(block),
            Some((_, false)) => Request::FreeAgain,
            None => Request::FreeUnknown,
        }
    }

    /// The most bytes that are requested at a time.
    pub fn peak_requested(&self) -> u64 {
        let mut sizes = vec![0_u64; self.blocks];
        let (mut sum, mut peak) = (0_u64, 0);
        for request in &self.requests {
            let (block, bytes) = match *request {
                Request::Allocate { block, bytes } | Request::Resize { block, bytes } => {
                    (block, bytes)
                }
                Request::Free { block } => (block, 0),
                _ => continue,
            };
            let before = std::mem::replace(&mut sizes[block], bytes);
            sum = sum.saturating_sub(before).saturating_add(bytes);
            peak = peak.max(sum);
        }
        peak
    }
}

/// Reads a file by its path.
pub fn read_file(path: &Path) -> Result<Trace> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(read(&bytes).map_err(|error| error.in_file(path))?)
}

/// Reads a file.
pub fn read(bytes: &[u8]) -> Result<Trace, BadInput> {
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let line = std::str::from_utf8(line)
            .map_err(|_| BadInput::new(number, "this is not text (UTF-8)"))?;
        let line = line.trim();
        if !line.is_empty() {
            lines.push((number, line));
        }
    }
    let Some(&(_, first)) = lines.first() else {
        return Err(BadInput::new(1, "the file has no request"));
    };
    let trace = match first {
        _ if first.starts_with(csv::HEADER_START) => csv::read(&lines),
        _ if first.starts_with(|c: char| c.is_ascii_digit()) => rep::read(&lines),
        _ => ltrace::read(&lines),
    }?;
    match trace.requests.is_empty() {
        true => Err(BadInput::new(1, "the file has no request")),
        false => Ok(trace),
    }
}

/// A decimal number.
fn number(text: &str) -> Result<u64, String> {
    let digits = Some(text).filter(|text| !text.starts_with('+'));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("“{text}” is not a number of 64 bits"))
}

/// A size: `None` if it is a number of more than 64 bits.
fn size(text: &str) -> Result<Option<u64>, String> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match is_digits {
        true => Ok(text.parse().ok()),
        false => Err(format!("“{text}” is not a size in bytes")),
    }
}
