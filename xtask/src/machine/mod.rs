//! One machine in QEMU, from power-on to its end.
//!
//! ```text
//! qemu      the command line           process   starts QEMU, joins its two channels
//! qmp       QEMU's control channel     follow    reacts to lines and events until the end
//! watch     receives lines, pictures   end       how it ended
//! ```
//! It knows no boot loaders and no modes of the kernel. `serial` gives lines their meaning.

mod end;
mod follow;
mod process;
mod qemu;
mod qmp;
mod watch;
mod watchdog;

pub use end::{End, Run};
pub use process::run;
pub use qemu::{
    Boot, Firmware, GuestFile, Hardware, Machine, PROGRAM, Pace, SWAP_FILE, Window, clock, says,
    window_kind,
};
pub use qmp::Qmp;
pub use watch::{Limits, Watch};
