//! The shell on the serial line and on the screen: it reads a line, runs the command and prints the
//! answer, while the dashboard keeps running above.
//!
//! ```text
//! keys ─► LineEditor ─► words ─► COMMANDS ─► run(context, words) ─► lines on the console
//!            └► foot of the console: the typed line stays below the log
//! ```
//! A command runs between two pictures, to its end. A long command calls [`Context::drain`], which
//! draws a picture, so that no event is lost. The shell itself allocates nothing.

mod alloc;
mod answer;
mod command;
mod commands;
mod falsify;
mod faults;
mod holdings;
mod keyboard;
mod lesson;
mod machine;
mod memory;
mod pagemap;
mod processes;
mod screenshot;
mod state;
mod swap;
mod tests;

use crate::machine::console::{self, PROMPT};
use crate::machine::serial;
use answer::say;
use command::{Misused, ShellState};
use commands::find;
use holdings::Holdings;
use memviz::input::keys::Key;
use memviz::input::line_editor::{Edit, LineEditor};

pub use command::Context;
pub use state::write as write_state;

/// The shell: its line editor, and the memory that its commands hold.
pub struct Shell {
    is_on: bool,
    editor: LineEditor,
    state: ShellState,
}

impl Shell {
    /// Creates a closed shell with an empty line. If it is not on, it never opens.
    pub const fn new(is_on: bool) -> Shell {
        Shell {
            is_on,
            editor: LineEditor::new(),
            state: ShellState {
                holdings: Holdings::new(),
                is_open: false,
            },
        }
    }

    /// Returns whether the shell is open, so that keys go to it.
    pub fn is_entered(&self) -> bool {
        self.state.is_open
    }

    /// Opens the shell: keys go to it from now on.
    pub fn enter(&mut self) {
        if !self.is_on {
            log::warn!("no shell: the command line says shell=off");
            return;
        }
        self.state.is_open = true;
        say!("shell: \"help\" lists the commands, Esc closes it");
        self.show_line();
    }

    /// Closes the shell: keys go to the dashboard from now on.
    fn leave(&mut self) {
        self.state.is_open = false;
        self.editor.clear();
        console::clear_line();
        say!("shell closed: \":\" opens it");
    }

    /// Handles a key, and runs the line if the key completes it.
    pub fn take(&mut self, key: Key, mut context: Context<'_>) {
        if let (Key::PageUp | Key::PageDown, Some(session)) = (key, &mut context.session) {
            session.turn_shell(if key == Key::PageUp { 1 } else { -1 });
            return;
        }
        match self.editor.take(key) {
            Edit::Edited => self.show_line(),
            Edit::Refused => serial::ring(),
            Edit::Left => self.leave(),
            Edit::Entered(line) => {
                console::clear_line();
                say!("{PROMPT}{line}");
                self.run(&line, &mut context);
                match self.state.is_open {
                    true => self.show_line(),
                    false => self.leave(),
                }
            }
        }
    }

    fn run(&mut self, line: &str, context: &mut Context<'_>) {
        let mut words = line.split_ascii_whitespace();
        let Some(name) = words.next() else { return };
        match find(name) {
            None => say!(
                "there is no command \"{name}\"; usage: COMMAND [ARGUMENT …], \"help\" lists the commands"
            ),
            Some(command) => {
                if let Err(Misused) = (command.run)(&mut self.state, context, words) {
                    say!("usage: {command}    {}", command.summary);
                }
            }
        }
    }

    fn show_line(&self) {
        console::set_line(self.editor.text(), self.editor.cursor());
    }
}
