//! Requests to an allocator, read from a file. Three formats are known:
//!
//! ```text
//! .rep     four numbers (heap size, blocks, requests, weight), then “a ID BYTES”, “r ID BYTES”
//!          or “f ID”: the traces of the malloc lab
//! ltrace   [pid 7] malloc(32) = 0x55d0…     also calloc, realloc, free, unfinished and resumed;
//!          7 1.000250 malloc(32) = 0x55d0…  in a file of its own (-o), with time stamps (-ttt)
//! CSV      time,op,id,bytes,align,tag       op is malloc, realloc or free
//! ```
//! A free of a block that is not live and a size that overflows are not malformed input: the
//! allocator must detect them.

mod csv;
mod ltrace;
mod rep;
mod request;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result};

use crate::references::BadInput;
pub use request::Trace;

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
        _ if first.bytes().all(|byte| byte.is_ascii_digit()) => rep::read(&lines),
        _ => ltrace::read(&lines),
    }?;
    match trace.requests.is_empty() {
        true => Err(BadInput::new(1, "the file has no request")),
        false => Ok(trace),
    }
}
