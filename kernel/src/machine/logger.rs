//! The `log` facade, on the serial line and in the shell on the screen.
//!
//! Each line has a prefix for the part of the kernel that logs: `[MM]` for memory, `[boot]`,
//! `[memviz]`, … The prefix follows from the module.

use super::console;
use log::{Level, LevelFilter, Log, Metadata, Record};

struct ConsoleLogger;

static LOGGER: ConsoleLogger = ConsoleLogger;

/// Makes `log`'s macros write to the console.
pub fn init() {
    // It fails only if there is a logger already.
    let _ = log::set_logger(&LOGGER);
    log::set_max_level(LevelFilter::Info);
}

impl Log for ConsoleLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let level = match record.level() {
            Level::Error => "error: ",
            Level::Warn => "warning: ",
            _ => "",
        };
        console::write(format_args!(
            "[{}] {level}{}\n",
            prefix(record.target()),
            record.args()
        ));
    }

    fn flush(&self) {}
}

/// Returns the prefix of a module.
fn prefix(target: &str) -> &str {
    let mut parts = target.split("::");
    match (parts.next(), parts.next()) {
        (Some("kernel"), Some("interrupts" | "memory" | "measure" | "selftest")) => "MM",
        (Some("kernel"), Some("dashboard" | "lessons")) | (Some("memviz"), _) => "memviz",
        (Some("kernel"), Some(part @ ("boot" | "machine"))) => part,
        (Some("mm"), _) => "MM",
        _ => "kernel",
    }
}
