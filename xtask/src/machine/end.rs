//! The end of a machine: how it came, and what went wrong.

use std::process::ExitStatus;

use crate::serial::Marker;

/// How a machine ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The kernel powered off and was content.
    Success,
    /// The kernel powered off and says that something failed.
    Failure,
    /// The processor reset itself.
    Reset,
    /// The person closed the window or pressed Ctrl-C.
    Closed,
    /// No sign of life.
    Silent,
    /// QEMU ended with this status, which nobody asked for.
    Unknown(ExitStatus),
}

/// A run that is over.
pub struct Run {
    pub end: End,
    pub log: Vec<String>,
    /// QEMU's own messages.
    pub stderr: String,
}

impl Run {
    /// What went wrong, in a sentence; None when nothing did.
    pub fn fault(&self) -> Option<String> {
        let find = |is: &dyn Fn(&&String) -> bool| self.log.iter().find(is).map(|line| line.trim());
        let failed = find(&|line| Marker::parse(line).is_some_and(|marker| marker.is_failure()));
        let error = || find(&|line| line.contains(" error: ")).unwrap_or("it does not say what");
        match (self.end, failed) {
            (_, Some(line)) => Some(format!("the kernel reports: {line}")),
            (End::Success | End::Closed, None) => None,
            (End::Failure, None) => Some(format!("the kernel ended with a failure: {}", error())),
            (End::Reset, None) => Some("the machine reset itself: a triple fault?".into()),
            (End::Silent, None) => Some("no sign of life from the machine".into()),
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

/// The last lines of what a program said: its reason is among them.
pub fn last_lines(text: &str) -> String {
    const LINES: usize = 5;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    lines.join("\n").trim().to_string()
}
