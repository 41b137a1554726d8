//! Ends QEMU when this tool is gone, even by `kill -9`, which leaves it no time to clean up.
//!
//! ```text
//! this tool ──pipe──► sh: reads until the pipe is closed ──► kill -9 QEMU
//! ```
//! A pipe closes however its writer ends, on every system; Linux's parent-death signal would also
//! fire when the thread that started QEMU ends.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// The signals of a terminal go to the whole process group, but this process must outlive the tool.
const SCRIPT: &str = "trap '' INT HUP TERM TSTP; read -r _; kill -9 \"$1\" 2>/dev/null";

/// Watches this tool, until it is dropped.
pub struct Watchdog(Child);

impl Watchdog {
    /// Ends the process with this number when this tool ends.
    pub fn new(process: u32) -> Result<Self> {
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "memviz-watchdog", &process.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        child.map(Self).context("cannot start sh")
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Kills the shell before its pipe closes: QEMU has ended, and another process may get its
        // number.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn sleeper() -> Child {
        Command::new("sleep").arg("60").spawn().unwrap()
    }

    fn ends(child: &mut Child, within: Duration) -> bool {
        let start = Instant::now();
        while start.elapsed() < within {
            if child.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn a_closed_pipe_ends_the_process() {
        let mut sleeper = sleeper();
        let mut watchdog = Watchdog::new(sleeper.id()).unwrap();
        // The system does the same when this tool is killed.
        drop(watchdog.0.stdin.take());
        assert!(ends(&mut sleeper, Duration::from_secs(20)));
    }

    #[test]
    fn a_watchdog_that_is_dropped_ends_nothing() {
        let mut sleeper = sleeper();
        drop(Watchdog::new(sleeper.id()).unwrap());
        assert!(!ends(&mut sleeper, Duration::from_millis(200)));
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }
}
