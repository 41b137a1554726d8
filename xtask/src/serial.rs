//! What the kernel says on the serial line, read by programs.
//!
//! ```text
//! [memviz] picture NAME        the machine pauses for a picture of its screen
//! [memviz] cost NAME N         N guest instructions
//! [MM] ✓ name                  a test has passed
//! [MM] error: ✗ name: why      a test has failed
//! All tests passed! ✨          the last line of a self-test in which none failed
//! … panic at …                 the kernel's own report of a broken invariant
//! PANIC: …                     the boot loader's
//! ```

/// The last line of a self-test in which nothing failed.
pub const ALL_PASSED: &str = "All tests passed! ✨";

/// A line that means something to the host.
#[derive(Debug, PartialEq, Eq)]
pub enum Marker<'l> {
    Picture(&'l str),
    Cost { name: &'l str, instructions: u64 },
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
        } else {
            let panic = line.contains("panic at ") || line.starts_with("PANIC: ");
            panic.then_some(Self::Panic)
        }
    }

    /// Whether the run has failed, however the machine ends.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Panic)
    }
}

/// The lines in a piece of output, without what only a terminal understands. UEFI begins a line by moving the cursor
/// there, so that ends the line before.
pub fn plain(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let mut pieces = text.split("\x1b[");
    let mut plain = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        // A control sequence: parameters, then one character from @ on that says what to do.
        let end = piece
            .find(|c: char| ('@'..='~').contains(&c))
            .map_or(piece.len(), |at| at + 1);
        let (command, rest) = piece.split_at(end);
        if command.ends_with('H') {
            plain.push('\n');
        }
        plain.push_str(rest);
    }
    let whole = plain.strip_suffix('\n').unwrap_or(&plain);
    let lines = whole.split('\n').map(|line| line.trim_end_matches('\r'));
    // Where the cursor moved twice there is nothing in between.
    lines
        .filter(|line| !line.is_empty() || output == b"\n" || output == b"\r\n")
        .map(str::to_string)
        .collect()
}

/// The last lines of a log, indented, for a message.
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

/// A picture's name becomes a file's name, so it must not wander.
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
            ("[memviz] picture end", Marker::Picture("end")),
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
    fn a_terminal_s_language_is_left_out() {
        assert_eq!(plain(b"one line\r\n"), ["one line"]);
        assert_eq!(plain(b"\r\n"), [""]);
        assert_eq!(plain("half a line ✨".as_bytes()), ["half a line ✨"]);
        assert_eq!(
            plain(b"\x1b[2J\x1b[01;01H\x1b[=3h\x1b[02;01Hloading\x1b[03;01H[MM] x\r\n"),
            ["loading", "[MM] x"]
        );
        assert_eq!(plain(b"\x1b[0m\x1b[37mred\x1b["), ["red"]);
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
