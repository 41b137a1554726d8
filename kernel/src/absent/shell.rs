//! Replaces the shell in a kernel without a shell: it never opens.

use crate::dashboard::DashboardSession;
use crate::keys::Keys;
use crate::lessons::Player;
use memviz::input::keys::Key;

/// The parts of the kernel that a command would use.
pub struct Context<'c> {
    pub session: Option<&'c mut DashboardSession>,
    pub player: &'c mut Player,
    pub keys: &'c mut Keys,
}

/// A shell that never opens.
pub struct Shell;

impl Shell {
    pub const fn new(_: bool) -> Shell {
        Shell
    }

    pub fn is_entered(&self) -> bool {
        false
    }

    pub fn enter(&mut self) {
        log::warn!("this kernel was built without the shell");
    }

    pub fn take(&mut self, _: Key, _: Context<'_>) {}
}

/// Does nothing: only the shell writes the state.
pub fn write_state(_: &mut DashboardSession) {}
