//! What the kernel says on the serial line, read by programs.
//!
//! ```text
//! [memviz] picture NAME        the machine pauses for a picture of its screen
//! [memviz] cost NAME N         N guest instructions
//! [MM] ✓ name                  a test has passed
//! [MM] ✗ name: why             a test has failed
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
        } else if let Some(test) = line.strip_prefix("[MM] ✗ ") {
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
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_read() {
        let cases = [
            ("[memviz] picture end", Marker::Picture("end")),
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
                "[MM] ✗ heap: grows: got 3",
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
            "[memviz] cost x y",
            "✓ x",
        ] {
            assert_eq!(Marker::parse(line), None, "{line}");
        }
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
