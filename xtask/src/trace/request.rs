//! The requests of a file, and the blocks that they name.

use std::collections::HashMap;

use mm::heap::workload::{self, Request};

const MIB: u64 = 1 << 20;
/// The maximum size of an arena, which is below 4 GiB.
const LARGEST_ARENA: u64 = 4095 * MIB;

/// The requests of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    pub requests: Vec<Request>,
    /// The time of each request in microseconds, ascending. Zeros if the file has no time stamps.
    times: Vec<u64>,
    /// The time of the requests that follow.
    now: u64,
    /// Number of blocks.
    pub blocks: usize,
    /// For each name of a block that is or was live: its number, and true while it is live.
    names: HashMap<u64, (usize, bool)>,
}

impl Trace {
    /// Allocates a block under this name. The name of a live block passes to the new one.
    pub(super) fn allocate(&mut self, name: u64, bytes: u64) {
        let block = self.blocks;
        self.blocks += 1;
        self.names.insert(name, (block, true));
        self.push(Request::Allocate { block, bytes });
    }

    /// Resizes a block, which has another name from then on.
    pub(super) fn resize(&mut self, name: u64, new_name: u64, bytes: u64) {
        let request = self.used(name, |block| Request::Resize { block, bytes });
        if let Request::Resize { block, .. } = request {
            self.names.insert(name, (block, false));
            self.names.insert(new_name, (block, true));
        }
        self.push(request);
    }

    pub(super) fn free(&mut self, name: u64) {
        let request = self.used(name, |block| Request::Free { block });
        if let Request::Free { block } = request {
            self.names.insert(name, (block, false));
        }
        self.push(request);
    }

    /// Requests a size that no 64-bit number holds.
    pub(super) fn overflow(&mut self) {
        self.push(Request::SizeOverflow);
    }

    /// Sets the time of the requests that follow. Returns false if an earlier request has a later
    /// time: then the time stays as it is.
    pub(super) fn set_time(&mut self, microseconds: u64) -> bool {
        let is_later = microseconds >= self.now;
        self.now = self.now.max(microseconds);
        is_later
    }

    /// Returns whether the file has time stamps that differ.
    pub fn has_times(&self) -> bool {
        self.times.first() != self.times.last()
    }

    fn push(&mut self, request: Request) {
        self.requests.push(request);
        self.times.push(self.now);
    }

    fn used(&self, name: u64, request: impl FnOnce(usize) -> Request) -> Request {
        match self.names.get(&name) {
            Some(&(block, true)) => request(block),
            Some((_, false)) => Request::FreeAgain,
            None => Request::FreeUnknown,
        }
    }

    /// Returns the requests in the form that the kernel reads, for arenas of this many bytes.
    pub fn to_kernel(&self, arena: u64) -> Vec<u8> {
        let mut bytes = workload::header(arena, self.blocks, self.requests.len()).to_vec();
        let mut before = self.times.first().copied().unwrap_or_default();
        for (&request, &time) in self.requests.iter().zip(&self.times) {
            if time > before {
                workload::encode_pause(time - before, |byte| bytes.push(byte));
            }
            before = time;
            workload::encode(request, |byte| bytes.push(byte));
        }
        bytes
    }

    /// Returns the usual size of an arena: twice the requested bytes at their peak, in whole MiB.
    pub fn usual_arena(&self) -> u64 {
        let twice = self.peak_requested().saturating_mul(2);
        twice.clamp(1, LARGEST_ARENA).next_multiple_of(MIB)
    }

    /// Returns the maximum number of bytes that are requested at a time.
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

/// Returns a decimal number.
pub(super) fn number(text: &str) -> Result<u64, String> {
    let digits = Some(text).filter(|text| !text.starts_with('+'));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("“{text}” is not a number of 64 bits"))
}

/// Returns a size: `None` if it is a number of more than 64 bits.
pub(super) fn size(text: &str) -> Result<Option<u64>, String> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match is_digits {
        true => Ok(text.parse().ok()),
        false => Err(format!("“{text}” is not a size in bytes")),
    }
}
