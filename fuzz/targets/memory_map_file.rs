//! Any text as a memory map: refused with a line that it has, or read as it is written again; on
//! this machine, nothing becomes usable that is not usable in both maps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mm::memory_map::text::{TextError, parse};
use mm::memory_map::{FirmwareEntry, MemoryKind, PHYSICAL_LIMIT, overlay};

fn read(text: &str) -> Result<Vec<FirmwareEntry>, TextError> {
    let mut entries = Vec::new();
    parse(text, |entry| entries.push(entry))?;
    Ok(entries)
}

fuzz_target!(|text: &str| {
    let entries = match read(text) {
        Ok(entries) => entries,
        Err(TextError::Line(number, _)) => {
            return assert!((1..=text.lines().count()).contains(&number));
        }
        Err(TextError::Empty | TextError::NothingUsable) => return,
    };
    let written: Vec<String> = entries
        .iter()
        .map(|entry| {
            let end = entry.start + entry.bytes;
            assert!(entry.bytes > 0 && end <= PHYSICAL_LIMIT);
            format!("{:#x} {end:#x} {}", entry.start, entry.kind.words())
        })
        .collect();
    assert_eq!(read(&written.join("\n")), Ok(entries.clone()));
    // Half of the entries as this machine, the others as the description.
    let (real, described) = entries.split_at(entries.len().min(32) / 2);
    let covers =
        |entry: &&FirmwareEntry, byte| (entry.start..entry.start + entry.bytes).contains(&byte);
    for &wanted in described.iter().take(32) {
        let mut end = wanted.start;
        overlay(real, wanted, |part| {
            assert!(part.bytes > 0 && part.start >= end, "in order");
            end = part.start + part.bytes;
            assert!(end <= wanted.start + wanted.bytes);
            if part.kind == MemoryKind::Usable {
                assert_eq!(wanted.kind, MemoryKind::Usable);
                for byte in [part.start, end - 1] {
                    let mut there = real.iter().filter(|entry| covers(entry, byte)).peekable();
                    assert!(there.peek().is_some());
                    assert!(there.all(|entry| entry.kind == MemoryKind::Usable));
                }
            }
        });
    }
});
