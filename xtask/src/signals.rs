//! Ctrl-C, Ctrl-Z and the other signals of a terminal.
//!
//! ```text
//! Ctrl-C once    the machine is ended in order      twice    the tool ends at once
//! Ctrl-Z         the terminal is as before, the tool stops; fg: the terminal is raw again
//! ```

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::signal::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use crate::tty;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The reason of a run that ended early.
pub const INTERRUPTED_WORDS: &str =
    "interrupted by Ctrl-C, or by another program that ended this one, before the run was complete";

/// Returns whether a signal such as Ctrl-C has come since [`watch`].
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Makes Ctrl-C end the machine instead of this program, which must still clean up.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT]);
        let mut signals = signals.expect("these signals can be handled");
        std::thread::spawn(move || signals.forever().for_each(handle));
    });
}

fn handle(signal: i32) {
    match signal {
        SIGTSTP => {
            tty::set_line_by_line();
            drop(signal_hook::low_level::emulate_default_handler(SIGTSTP));
        }
        SIGCONT => tty::set_key_by_key(),
        _ if INTERRUPTED.swap(true, Ordering::Relaxed) => {
            tty::set_line_by_line();
            std::process::exit(1);
        }
        _ => {}
    }
}
