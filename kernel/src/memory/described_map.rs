//! The memory map of another machine, which the host passes as a file.
//!
//! ```text
//! file opt/memviz/memory-map:   0x0 0x9fc00 usable
//!                               0x9fc00 0xa0000 reserved
//! ```
//! The kernel then shows and uses the memory of that machine as far as it exists on this one: see
//! [`overlay`].

use crate::boot::{FIRMWARE_ENTRIES, FirmwareEntries};
use crate::machine::fw_cfg::File;
use heapless::String;
use mm::memory_map::text::{LineError, TextError, parse_line};
use mm::memory_map::{FirmwareEntry, MemoryKind, overlay};
use mm::units::Bytes;

const FILE: &str = "opt/memviz/memory-map";
/// More bytes than an entry has.
const LINE_BYTES: usize = 96;

/// Returns the entries of the file, as far as their memory exists on this machine with its `real`
/// entries.
///
/// # Errors
/// The file has no entry, or a line that is not an entry.
pub fn read(real: &FirmwareEntries) -> Result<FirmwareEntries, TextError> {
    let mut file = File::open(FILE).ok_or(TextError::Empty)?;
    let mut entries = FirmwareEntries::new();
    let (mut count, mut absent) = (0_usize, 0);
    for number in 1.. {
        let Some(line) = next_line(&mut file).map_err(|error| TextError::Line(number, error))?
        else {
            break;
        };
        let found = parse_line(&line).map_err(|error| TextError::Line(number, error))?;
        if let Some(described) = found {
            count += 1;
            absent += overlay(real.entries(), described, |part| entries.add(part));
        }
    }
    if count == 0 {
        return Err(TextError::Empty);
    }
    let is_kernel = |entry: &&FirmwareEntry| entry.kind == MemoryKind::KernelAndModules;
    let own = real.entries().iter().filter(is_kernel);
    own.for_each(|&entry| entries.add(entry));
    log::info!("memory map of another machine: {count} of at most {FIRMWARE_ENTRIES} entries");
    if absent > 0 {
        log::warn!(
            "{} of its usable memory do not exist here and are reserved",
            Bytes(absent)
        );
    }
    Ok(entries)
}

/// Reads a line, or returns None at the end of the file.
fn next_line(file: &mut File) -> Result<Option<String<LINE_BYTES>>, LineError> {
    let mut line = String::new();
    let mut byte = file.read();
    if byte.is_none() {
        return Ok(None);
    }
    while let Some(character) = byte.filter(|&byte| byte != b'\n') {
        line.push(char::from(character))
            .map_err(|_| LineError::Incomplete)?;
        byte = file.read();
    }
    Ok(Some(line))
}
