//! Memory maps as text: the lines of a kernel log, or one entry a line.
//!
//! ```text
//! [    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable     end inclusive
//!
//! # a comment
//! 0x0         0x9fc00    usable                                                    end exclusive
//! 0x100000    0x8000000  usable
//! ```
//! If a text has a line with `BIOS-e820:`, it is a log, and its other lines are skipped. Otherwise
//! each line must be an entry, a comment or empty.

use super::entry::{FirmwareEntry, PHYSICAL_LIMIT};
use crate::vocabulary::memory_kind::MemoryKind;
use core::fmt;

/// The mark of a line of Linux's log.
const LOG: &str = "BIOS-e820:";

/// Names of kinds, in lower case: of Linux's log, and of this project. Kinds that Linux lists and
/// this project does not have are reserved.
const KINDS: [(&str, MemoryKind); 20] = [
    ("usable", MemoryKind::Usable),
    ("ram", MemoryKind::Usable),
    ("system ram", MemoryKind::Usable),
    ("acpi data", MemoryKind::AcpiReclaimable),
    ("acpi reclaimable", MemoryKind::AcpiReclaimable),
    ("acpi", MemoryKind::AcpiReclaimable),
    ("acpi nvs", MemoryKind::AcpiNvs),
    ("nvs", MemoryKind::AcpiNvs),
    ("unusable", MemoryKind::Bad),
    ("bad memory", MemoryKind::Bad),
    ("bad", MemoryKind::Bad),
    ("reserved", MemoryKind::Reserved),
    ("device reserved", MemoryKind::Reserved),
    ("soft reserved", MemoryKind::Reserved),
    ("hole", MemoryKind::Reserved),
    ("persistent", MemoryKind::Reserved),
    ("persistent (type 7)", MemoryKind::Reserved),
    ("persistent (type 12)", MemoryKind::Reserved),
    ("bootloader reclaimable", MemoryKind::BootloaderReclaimable),
    ("framebuffer", MemoryKind::Framebuffer),
];

/// The reason why a line is not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// It has no start, end and kind.
    Incomplete,
    /// Start or end is not a number in hex with `0x`, or in decimal.
    Number,
    /// The end is not after the start.
    Backwards,
    /// The end is past the last physical address.
    TooHigh,
    /// The kind is unknown.
    Kind,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LineError::Incomplete => {
                "not “start end kind”, and no line of a kernel's log with “BIOS-e820:”"
            }
            LineError::Number => "start and end are numbers: 0x100000, or decimal",
            LineError::Backwards => "the end is not after the start",
            LineError::TooHigh => "the end is past the last physical address, 2^52",
            LineError::Kind => "unknown kind: usable, reserved, ACPI data, ACPI NVS, unusable, …",
        })
    }
}

/// The reason why a text is not a memory map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// A line, counted from 1, is not an entry.
    Line(usize, LineError),
    /// It has no entry.
    Empty,
    /// No entry is usable memory.
    NothingUsable,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextError::Line(number, error) => write!(f, "line {number}: {error}"),
            TextError::Empty => f.write_str("no entry in it"),
            TextError::NothingUsable => f.write_str("no entry in it is usable memory"),
        }
    }
}

impl core::error::Error for TextError {}

/// Passes each entry of a memory map to `add`.
///
/// # Errors
/// See [`TextError`]. Entries before the line in error were passed.
pub fn parse(text: &str, mut add: impl FnMut(FirmwareEntry)) -> Result<(), TextError> {
    let is_log = text.contains(LOG);
    let (mut any, mut usable) = (false, false);
    for (number, line) in (1..).zip(text.lines()) {
        if is_log && !line.contains(LOG) {
            continue;
        }
        let found = parse_line(line).map_err(|error| TextError::Line(number, error))?;
        if let Some(entry) = found {
            any = true;
            usable |= entry.kind == MemoryKind::Usable;
            add(entry);
        }
    }
    match (any, usable) {
        (false, _) => Err(TextError::Empty),
        (true, false) => Err(TextError::NothingUsable),
        (true, true) => Ok(()),
    }
}

/// Parses a line. Returns None for an empty line or a comment.
///
/// # Errors
/// See [`LineError`].
pub fn parse_line(line: &str) -> Result<Option<FirmwareEntry>, LineError> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (start, end, kind) = match line.split_once(LOG) {
        Some((_, rest)) => logged(rest).ok_or(LineError::Incomplete)??,
        None => plain(line)?,
    };
    if end > PHYSICAL_LIMIT {
        return Err(LineError::TooHigh);
    }
    let bytes = end.checked_sub(start).filter(|&bytes| bytes > 0);
    let bytes = bytes.ok_or(LineError::Backwards)?;
    let known = KINDS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(kind));
    // Linux prints kinds that it does not know by number.
    let numbered = kind.starts_with("type ").then_some(MemoryKind::Reserved);
    let kind = known
        .map(|&(_, kind)| kind)
        .or(numbered)
        .ok_or(LineError::Kind)?;
    Ok(Some(FirmwareEntry { start, bytes, kind }))
}

/// Returns start, end and kind of ` [mem 0x0-0x9fbff] usable`, whose end is the last byte.
fn logged(rest: &str) -> Option<Result<(u64, u64, &str), LineError>> {
    let (range, kind) = rest.trim().strip_prefix("[mem ")?.split_once(']')?;
    let (start, end) = range.split_once('-')?;
    let numbers = || {
        let last = number(end)?;
        Ok((
            number(start)?,
            last.checked_add(1).ok_or(LineError::TooHigh)?,
            kind.trim(),
        ))
    };
    Some(numbers())
}

/// Returns start, end and kind of `0x0 0x9fc00 usable`.
fn plain(line: &str) -> Result<(u64, u64, &str), LineError> {
    let word = |text: &'_ str| {
        let end = text.find(char::is_whitespace)?;
        Some((end, text[end..].len() - text[end..].trim_start().len()))
    };
    let split = |text| {
        let (end, blank) = word(text).ok_or(LineError::Incomplete)?;
        Ok((&text[..end], &text[end + blank..]))
    };
    let (start, rest) = split(line)?;
    let (end, kind) = split(rest)?;
    Ok((number(start)?, number(end)?, kind))
}

/// Returns a number in hex with `0x`, or in decimal.
fn number(text: &str) -> Result<u64, LineError> {
    let is_digits = |text: &str| text.starts_with(|first: char| first.is_ascii_hexdigit());
    let number = match text.trim().strip_prefix("0x") {
        Some(digits) if is_digits(digits) => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.trim().parse().ok().filter(|_| is_digits(text.trim())),
    };
    number.ok_or(LineError::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<Vec<(u64, u64, MemoryKind)>, TextError> {
        let mut entries = Vec::new();
        parse(text, |entry| {
            entries.push((entry.start, entry.start + entry.bytes, entry.kind));
        })?;
        Ok(entries)
    }

    #[test]
    fn a_log_is_read_with_all_that_stands_around() {
        let log = "\
[    0.000000] Command line: BOOT_IMAGE=/vmlinuz
[    0.000000] BIOS-provided physical RAM map:
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
Jan 01 12:00:00 host kernel: BIOS-e820: [mem 0x00000000000f0000-0x00000000000fffff] reserved
BIOS-e820: [mem 0x00000000bffe0000-0x00000000bfffffff] ACPI data
BIOS-e820: [mem 0x0000000100000000-0x000000023fffffff] type 20
[    0.000000] e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
";
        assert_eq!(
            parsed(log).unwrap(),
            [
                (0, 0x9_fc00, MemoryKind::Usable),
                (0xf_0000, 0x10_0000, MemoryKind::Reserved),
                (0xbffe_0000, 0xc000_0000, MemoryKind::AcpiReclaimable),
                (0x1_0000_0000, 0x2_4000_0000, MemoryKind::Reserved),
            ]
        );
    }

    #[test]
    fn plain_lines_are_start_end_and_kind() {
        let text = "# laptop\n\n0x0 0x9fc00 usable\n  1048576\t0x8000000   ACPI NVS \n";
        assert_eq!(
            parsed(text).unwrap(),
            [
                (0, 0x9_fc00, MemoryKind::Usable),
                (0x10_0000, 0x800_0000, MemoryKind::AcpiNvs),
            ]
        );
    }

    #[test]
    fn what_is_no_map_is_refused_with_its_line() {
        use LineError::*;
        for (text, error) in [
            ("", TextError::Empty),
            ("# nothing\n", TextError::Empty),
            ("0 4096 reserved", TextError::NothingUsable),
            ("0x0 0x1000 usable\nhello", TextError::Line(2, Incomplete)),
            ("a poem of three words", TextError::Line(1, Number)),
            ("0 4096", TextError::Line(1, Incomplete)),
            ("0x 0x1000 usable", TextError::Line(1, Number)),
            ("+5 0x1000 usable", TextError::Line(1, Number)),
            ("0x1000 0x1000 usable", TextError::Line(1, Backwards)),
            ("0x0 0x10000000000001 usable", TextError::Line(1, TooHigh)),
            (
                "0x0 0xffffffffffffffffff usable",
                TextError::Line(1, Number),
            ),
            ("0x0 0x1000 delicious", TextError::Line(1, Kind)),
            (
                "BIOS-e820: [mem 0x0-0x9fbff usable",
                TextError::Line(1, Incomplete),
            ),
            (
                "x\nBIOS-e820: [mem 0x5-0x3] usable",
                TextError::Line(2, Backwards),
            ),
            (
                "BIOS-e820: [mem 0x5-0xffffffffffffffff] usable",
                TextError::Line(1, TooHigh),
            ),
        ] {
            assert_eq!(parsed(text), Err(error), "{text}");
        }
    }

    proptest! {
        /// Any text is read or refused, without a panic.
        #[test]
        #[cfg_attr(miri, ignore = "parses a regular expression for each word")]
        fn any_text_is_read_or_refused(text in ".{0,200}", noise in prop::collection::vec("(0x)?[0-9a-f]{0,20}[ -]|BIOS-e820: |\\[mem |\\]|usable\n|\n", 0..30)) {
            let _ = parsed(&text);
            let _ = parsed(&noise.concat());
        }

        /// Both forms of an entry give that entry.
        #[test]
        fn an_entry_is_read_as_it_was_written(start in 0..PHYSICAL_LIMIT, bytes in 1..PHYSICAL_LIMIT, name in 0..KINDS.len()) {
            let end = (start + bytes).min(PHYSICAL_LIMIT);
            let (words, kind) = KINDS[name];
            let expected = Some(FirmwareEntry { start, bytes: end - start, kind });
            let log = format!("[    0.000000] BIOS-e820: [mem {start:#018x}-{:#018x}] {words}", end - 1);
            prop_assert_eq!(parse_line(&log), Ok(expected));
            prop_assert_eq!(parse_line(&format!("{start:#x} {end:#x} {words}")), Ok(expected));
            prop_assert_eq!(parse_line(&format!("{start} {end} {words}")), Ok(expected));
        }
    }
}
