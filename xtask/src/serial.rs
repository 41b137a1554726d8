//! The lines of the serial port that this tool understands.
//!
//! ```text
//! [memviz] picture NAME        the machine pauses for a picture of its screen
//! [memviz] picture end-NAME    the same, for the last picture of the run
//! [memviz] cost NAME N         N guest instructions
//! [memviz] balance F B         between two lessons: free frames, and bytes of live heap blocks
//! [MM] ✓ name                  a test has passed
//! [MM] error: ✗ name: why      a test has failed
//! All tests passed! ✨          the last line of a self-test in which none failed
//! … panic at …                 the kernel's own report of a broken invariant
//! PANIC: …                     the boot loader's
//! ```

/// The beginning of the name of a run's last picture.
pub const LAST_PICTURE: &str = "end-";

/// The last line of a self-test in which nothing failed.
pub const ALL_PASSED: &str = "All tests passed! ✨";

/// The memory that the kernel has between two lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    pub free_frames: u64,
    pub live_bytes: u64,
}

/// A line that this tool understands.
#[derive(Debug, PartialEq, Eq)]
pub enum Marker<'l> {
    Picture(&'l str),
    Cost { name: &'l str, instructions: u64 },
    Balance(Balance),
    Passed(&'l str),
    Failed(&'l str),
    Panic,
}

impl<'l> Marker<'l> {
    pub fn parse(line: &'l str) -> Option<Self> {
        if let Some(test) = line.strip_prefix("[MM] ✓ ") {
            Some(Self::Passed(test))
        } else if let Some(test) = line.strip_prefix("[MM] error: ✗ ") {
            Some(Self::Failed(test))
        } else if let Some(name) = line.strip_prefix("[memviz] picture ") {
            is_name(name).then_some(Self::Picture(name))
        } else if let Some(cost) = line.strip_prefix("[memviz] cost ") {
            let (name, instructions) = cost.rsplit_once(' ')?;
            Some(Self::Cost {
                name,
                instructions: instructions.parse().ok()?,
            })
        } else if let Some(balance) = line.strip_prefix("[memviz] balance ") {
            let (free_frames, live_bytes) = balance.split_once(' ')?;
            Some(Self::Balance(Balance {
                free_frames: free_frames.parse().ok()?,
                live_bytes: live_bytes.parse().ok()?,
            }))
        } else {
            let panic = line.contains("panic at ") || line.starts_with("PANIC: ");
            panic.then_some(Self::Panic)
        }
    }

    /// Returns whether the run has failed, however the machine ends.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Panic)
    }
}

/// Cuts a serial port's output into lines and removes the control sequences of terminals.
///
/// UEFI positions every character with a control sequence and never ends a line. So a move to
/// another row ends a line here.
#[derive(Default)]
pub struct Lines {
    line: Vec<u8>,
    /// A control sequence (`ESC [ parameters letter`) that has begun, without its `ESC`.
    sequence: Option<Vec<u8>>,
    row: Vec<u8>,
}

impl Lines {
    /// Reads a part of the output and returns the lines that it ends.
    pub fn feed(&mut self, output: &[u8]) -> Vec<String> {
        output.iter().filter_map(|&byte| self.byte(byte)).collect()
    }

    /// Returns the last line, if it has no end.
    pub fn rest(mut self) -> Option<String> {
        (!self.line.is_empty()).then(|| self.end())
    }

    fn byte(&mut self, byte: u8) -> Option<String> {
        const ESCAPE: u8 = 0x1b;
        match (self.sequence.take(), byte) {
            (None, ESCAPE) => self.sequence = Some(Vec::new()),
            (None, b'\r') => {}
            (None, b'\n') => return Some(self.end()),
            (None, _) => self.line.push(byte),
            (Some(mut sequence), _) => {
                sequence.push(byte);
                if sequence.len() == 1 || !(b'@'..=b'~').contains(&byte) {
                    self.sequence = Some(sequence);
                } else if byte == b'H' {
                    return self.move_to(&sequence[1..]);
                } else if byte == b'K' {
                    // The kernel erases the typed line, and writes it again below the log.
                    self.line.clear();
                }
            }
        }
        None
    }

    /// Moves the cursor to `row;columnH`. Returns the line that this ends.
    fn move_to(&mut self, place: &[u8]) -> Option<String> {
        let row = place.split(|&byte| byte == b';').next().unwrap_or_default();
        let same = row == self.row;
        self.row = row.to_vec();
        (!same && !self.line.is_empty()).then(|| self.end())
    }

    fn end(&mut self) -> String {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        line
    }
}

/// Returns the last lines of a log, indented, for a message.
pub fn tail(log: &[String]) -> String {
    const LINES: usize = 25;
    let mut text = String::new();
    for line in &log[log.len().saturating_sub(LINES)..] {
        text += "  │ ";
        text += line;
        text += "\n";
    }
    text
}

/// Returns whether a picture's name can be a file's name: it must not lead to another folder.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_read() {
        let cases = [
            (
                "[memviz] picture end-x-01-2.345s",
                Marker::Picture("end-x-01-2.345s"),
            ),
            (
                "[memviz] picture scene-03-0012.345",
                Marker::Picture("scene-03-0012.345"),
            ),
            (
                "[memviz] cost full redraw 7123456",
                Marker::Cost {
                    name: "full redraw",
                    instructions: 7_123_456,
                },
            ),
            (
                "[MM] ✓ frame: double free is refused",
                Marker::Passed("frame: double free is refused"),
            ),
            (
                "[MM] error: ✗ heap: grows: got 3",
                Marker::Failed("heap: grows: got 3"),
            ),
            (
                "[machine] error: panic at kernel/src/main.rs:3:1: no",
                Marker::Panic,
            ),
            ("PANIC: limine: no such file", Marker::Panic),
        ];
        for (line, marker) in cases {
            assert_eq!(Marker::parse(line), Some(marker), "{line}");
        }
    }

    #[test]
    fn other_lines_are_not_markers() {
        for line in [
            "",
            "[MM] 256 MiB",
            "[memviz] picture",
            "[memviz] picture ../a",
            "[memviz] picture a/b",
            "[memviz] cost x y",
            "✓ x",
        ] {
            assert_eq!(Marker::parse(line), None, "{line}");
        }
    }

    #[test]
    fn lines_do_not_depend_on_the_parts_read() {
        let output = "one ✨\r\n\n\x1b[0m\x1b[37mred\x1b[2J\x1b[=3h\r\n\x1b[01;01HP\x1b[01;02HA\x1b[02;01Hnext\x1b[";
        for size in 1..=output.len() {
            let mut lines = Lines::default();
            let cut: Vec<String> = output
                .as_bytes()
                .chunks(size)
                .flat_map(|part| lines.feed(part))
                .collect();
            assert_eq!(cut, ["one ✨", "", "red", "PA"], "in parts of {size}");
            assert_eq!(lines.rest().as_deref(), Some("next"));
        }
    }

    #[test]
    fn an_erased_line_is_not_said() {
        let lines = Lines::default().feed(b"memviz> hea\x1b[2D\r\x1b[K[MM] a line\r\n");
        assert_eq!(lines, ["[MM] a line"]);
    }

    #[test]
    fn the_tail_is_short() {
        let log: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let tail = tail(&log);
        assert_eq!(tail.lines().count(), 25);
        assert!(tail.ends_with("  │ 99\n"));
        assert_eq!(super::tail(&[]), "");
    }
}
