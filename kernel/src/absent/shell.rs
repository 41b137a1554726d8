//! In the place of the shell, in a kernel that has none: it is never entered.

use crate::dashboard::Live;
use crate::lessons::Player;
use memviz::input::keys::Key;

/// What a command could use.
pub struct Context<'c> {
    pub live: Option<&'c mut Live>,
    pub player: &'c mut Player,
}

/// Refuses to be entered.
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

/// Without the shell nobody writes the state.
pub fn write_state(_: &mut Live) {}
