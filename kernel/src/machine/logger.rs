//! The `log` facade, on the serial line and in the shell on the screen.
//!
//! The prefix says which part of the kernel speaks: `[MM]` for memory, `[boot]`, `[memviz]`, …
//! It follows from the module, so nobody has to write it.

use super::console;
use log::{Level, LevelFilter, Log, Metadata, Record};

struct ConsoleLogger;

static LOGGER: ConsoleLogger = ConsoleLogger;

/// From now on `log`'s macros write there.
pub fn init() {
    // The only reason to fail is that there is a logger already.
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

/// The part of the kernel that a module belongs to.
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
