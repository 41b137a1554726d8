//! A workload as bytes, for the kernel.
//!
//! ```text
//! arena bytes   blocks   requests      u64 each, little-endian
//! kind   [block]   [bytes]             a byte; then numbers of 7 bits a byte, the lowest first,
//! kind   …                             with bit 7 set in all but the last
//! PAUSE  microseconds                  before the next request: at its time stamp, it comes later
//! ```

use super::super::arena::WorkloadId;
use super::checksum::Checksum;
use super::request::Request;

const ALLOCATE: u8 = 0;
const RESIZE: u8 = 1;
const FREE: u8 = 2;
const FREE_UNKNOWN: u8 = 3;
const FREE_AGAIN: u8 = 4;
const SIZE_OVERFLOW: u8 = 5;
const PAUSE: u8 = 6;

/// The bytes before the first request.
const HEADER_BYTES: usize = 24;

/// Returns the first bytes of a workload.
pub fn header(arena: u64, blocks: usize, requests: usize) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    for (part, number) in bytes
        .chunks_exact_mut(8)
        .zip([arena, blocks as u64, requests as u64])
    {
        part.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// The checksum of a workload in any encoding, and its number of requests. Of larger numbers, the
/// lowest bits.
pub fn id(bytes: &[u8], requests: usize) -> WorkloadId {
    let mut checksum = Checksum::EMPTY;
    checksum.add(bytes);
    WorkloadId {
        checksum: checksum.0 as u32,
        requests: requests as u32,
    }
}

/// Passes the bytes of a request to `push`.
pub fn encode(request: Request, mut push: impl FnMut(u8)) {
    let (kind, block, bytes) = match request {
        Request::Allocate { block, bytes } => (ALLOCATE, Some(block), Some(bytes)),
        Request::Resize { block, bytes } => (RESIZE, Some(block), Some(bytes)),
        Request::Free { block } => (FREE, Some(block), None),
        Request::FreeUnknown => (FREE_UNKNOWN, None, None),
        Request::FreeAgain => (FREE_AGAIN, None, None),
        Request::SizeOverflow => (SIZE_OVERFLOW, None, None),
    };
    push(kind);
    let numbers = [block.map(|block| block as u64), bytes];
    for number in numbers.into_iter().flatten() {
        encode_number(number, &mut push);
    }
}

/// Passes the bytes of a pause before the next request to `push`.
pub fn encode_pause(microseconds: u64, mut push: impl FnMut(u8)) {
    push(PAUSE);
    encode_number(microseconds, push);
}

fn encode_number(mut number: u64, mut push: impl FnMut(u8)) {
    while number >= 0x80 {
        push(number as u8 | 0x80);
        number >>= 7;
    }
    push(number as u8);
}

/// Bytes that are not a workload: the offset of the first wrong request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The offset in bytes.
    pub offset: usize,
}

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "no request at byte {}", self.offset)
    }
}

impl core::error::Error for Malformed {}

/// A workload, checked: each request names a block below `blocks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload<'b> {
    /// The size of the arena.
    pub arena: u64,
    /// Number of blocks.
    pub blocks: usize,
    /// Number of requests.
    pub len: usize,
    requests: &'b [u8],
}

impl<'b> Workload<'b> {
    /// Reads the bytes of a workload.
    ///
    /// # Errors
    /// The bytes are not a header followed by the number of requests that it gives.
    pub fn read(bytes: &'b [u8]) -> Result<Workload<'b>, Malformed> {
        let (header, requests) = bytes
            .split_at_checked(HEADER_BYTES)
            .ok_or(Malformed { offset: 0 })?;
        let mut numbers = header
            .chunks_exact(8)
            .map(|part| u64::from_le_bytes(part.try_into().unwrap_or_default()));
        let mut number = || numbers.next().unwrap_or_default();
        let workload = Workload {
            arena: number(),
            blocks: number() as usize,
            len: number() as usize,
            requests,
        };
        let mut all = workload.requests();
        for _ in 0..workload.len {
            let offset = bytes.len() - all.bytes.len();
            let request = all.decode().ok_or(Malformed { offset })?;
            if request
                .block()
                .is_some_and(|block| block >= workload.blocks)
            {
                return Err(Malformed { offset });
            }
        }
        let offset = bytes.len() - all.bytes.len();
        match all.bytes.is_empty() {
            true => Ok(workload),
            false => Err(Malformed { offset }),
        }
    }

    /// Returns the most blocks that are live at a time, if no request is refused.
    pub fn most_live(&self) -> usize {
        let (mut live, mut most) = (0_usize, 0);
        for request in self.requests() {
            match request {
                Request::Allocate { .. } => live += 1,
                Request::Free { .. } => live = live.saturating_sub(1),
                _ => {}
            }
            most = most.max(live);
        }
        most
    }

    /// Returns the checksum and the number of the requests.
    pub fn id(&self) -> WorkloadId {
        id(self.requests, self.len)
    }

    /// Returns the requests.
    pub const fn requests(&self) -> Requests<'b> {
        Requests {
            bytes: self.requests,
        }
    }
}

/// The requests of a workload.
#[derive(Clone, Debug)]
pub struct Requests<'b> {
    bytes: &'b [u8],
}

impl Requests<'_> {
    /// Returns whether there is a further request.
    pub const fn has_next(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// The microseconds before the next request.
    pub fn pause(&self) -> u64 {
        self.clone().skip_pauses().unwrap_or_default()
    }

    /// Skips the pauses before the next request, and returns their sum.
    fn skip_pauses(&mut self) -> Option<u64> {
        let mut microseconds = 0_u64;
        while self.bytes.first() == Some(&PAUSE) {
            self.byte()?;
            microseconds = microseconds.saturating_add(self.number()?);
        }
        Some(microseconds)
    }

    fn decode(&mut self) -> Option<Request> {
        self.skip_pauses()?;
        Some(match self.byte()? {
            ALLOCATE => Request::Allocate {
                block: self.number()? as usize,
                bytes: self.number()?,
            },
            RESIZE => Request::Resize {
                block: self.number()? as usize,
                bytes: self.number()?,
            },
            FREE => Request::Free {
                block: self.number()? as usize,
            },
            FREE_UNKNOWN => Request::FreeUnknown,
            FREE_AGAIN => Request::FreeAgain,
            SIZE_OVERFLOW => Request::SizeOverflow,
            _ => return None,
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

impl Iterator for Requests<'_> {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        self.decode()
    }
}
