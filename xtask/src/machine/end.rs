//! The end of a machine, and the reason of a failure.

use std::process::ExitStatus;

use crate::capture::Captured;
use crate::serial::Marker;

/// The end of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The kernel powered off with success.
    Success,
    /// The kernel powered off with a failure.
    Failure,
    /// The processor reset itself.
    Reset,
    /// The user closed the window or pressed Ctrl-C.
    Closed,
    /// The machine printed nothing and took no picture until the timeout.
    Silent,
    /// QEMU ended unexpectedly, with this status.
    Unknown(ExitStatus),
}

/// A finished run.
pub struct Run {
    pub end: End,
    pub log: Vec<String>,
    /// QEMU's own messages.
    pub stderr: String,
    /// The trace, if one was requested.
    pub captured: Option<Captured>,
}

impl Run {
    /// Returns what went wrong, in one sentence; None after a good run.
    pub fn fault(&self) -> Option<String> {
        let find = |is: &dyn Fn(&&String) -> bool| self.log.iter().find(is).map(|line| line.trim());
        let failed = find(&|line| Marker::parse(line).is_some_and(|marker| marker.is_failure()));
        let error = || find(&|line| line.contains(" error: ")).unwrap_or("it logged no error");
        match (self.end, failed) {
            (_, Some(line)) => Some(format!("the kernel reports: {line}")),
            (End::Success | End::Closed, None) => None,
            (End::Failure, None) => Some(format!("the kernel ended with a failure: {}", error())),
            (End::Reset, None) => Some("the machine reset itself: a triple fault?".into()),
            (End::Silent, None) => Some("the machine does not respond".into()),
            (End::Unknown(status), None) => {
                let said = last_lines(&self.stderr);
                Some(
                    format!("{said}\nQEMU ended unexpectedly ({status})")
                        .trim()
                        .to_string(),
                )
            }
        }
    }
}

/// Returns the last lines of a program's messages: they contain the reason.
pub fn last_lines(text: &str) -> String {
    const LINES: usize = 5;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    lines.join("\n").trim().to_string()
}
