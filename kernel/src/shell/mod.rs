//! The shell on the serial line and on the screen: it reads a line, runs the command and prints the
//! answer, while the dashboard keeps running above.
//!
//! ```text
//! keys ─► LineEditor ─► words ─► COMMANDS ─► run(context, words) ─► lines on the console
//!            └► foot of the console: the typed line stays below the log
//! ```
//! A command runs between two pictures, to its end. A long command calls [`Context::drain`], which
//! draws a picture, so that no event is lost. The shell itself allocates nothing.

mod faults;
mod holdings;
mod lesson;
mod machine;
mod memory;
mod pagemap;
mod processes;
mod screenshot;
mod state;
mod tests;

use crate::dashboard::DashboardSession;
use crate::lessons::Player;
use crate::machine::console::{self, PROMPT};
use crate::machine::serial;
use core::fmt::{self, Write};
use core::str::SplitAsciiWhitespace;
use heapless::String;
use memviz::input::keys::Key;
use memviz::input::line_editor::{Edit, LineEditor};

pub use holdings::Holdings;
pub use state::write as write_state;

/// The parts of the kernel that a command may use.
pub struct Context<'c> {
    /// The dashboard, if there is one.
    pub session: Option<&'c mut DashboardSession>,
    /// The player of the current lesson.
    pub player: &'c mut Player,
}

impl Context<'_> {
    /// Makes the dashboard read and show the recorded events.
    pub fn drain(&mut self) {
        if let Some(session) = &mut self.session {
            session.show();
        }
    }
}

/// The words after a command's name.
pub type Arguments<'w> = SplitAsciiWhitespace<'w>;

/// The arguments do not fit the command, so the shell prints its usage.
pub struct Misused;

/// A command of the shell.
pub struct Command {
    name: &'static str,
    /// The arguments, as a usage line shows them.
    arguments: &'static str,
    /// One line that describes it.
    summary: &'static str,
    run: fn(&mut Shell, &mut Context<'_>, Arguments<'_>) -> Result<(), Misused>,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if !self.arguments.is_empty() {
            write!(f, " {}", self.arguments)?;
        }
        Ok(())
    }
}

/// All commands, as `help` lists them.
static COMMANDS: &[Command] = &[
    HELP,
    memory::MEMSTAT,
    memory::HEAP,
    pagemap::PAGEMAP,
    tests::MEMTEST,
    tests::FRAGTEST,
    tests::LEAKS,
    faults::FAULTS,
    holdings::ALLOC,
    holdings::FREE,
    processes::PS,
    processes::RUN,
    processes::KILL,
    lesson::LESSON,
    machine::VERIFY,
    state::STATE,
    screenshot::SCREENSHOT,
    machine::EXIT,
    machine::POWEROFF,
];

const HELP: Command = Command {
    name: "help",
    arguments: "[COMMAND]",
    summary: "lists all commands, or describes one",
    run: |_, _, mut arguments| {
        match (arguments.next(), arguments.next()) {
            (None, _) => COMMANDS.iter().for_each(describe),
            (Some(name), None) => describe(find(name).ok_or(Misused)?),
            _ => return Err(Misused),
        }
        Ok(())
    },
};

fn describe(command: &Command) {
    say!("  {:<38} {}", cell(command), command.summary);
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Prints one line of an answer, formatted.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::shell::answer(format_args!($($text)*))
    };
}
use say;

/// Prints one line of an answer.
pub fn answer(line: fmt::Arguments<'_>) {
    console::write(format_args!("{line}\n"));
}

/// The shell: its line editor, and the memory that its commands hold.
pub struct Shell {
    is_on: bool,
    editor: LineEditor,
    is_open: bool,
    holdings: Holdings,
}

impl Shell {
    /// A closed shell with an empty line. If it is not on, it never opens.
    pub const fn new(is_on: bool) -> Shell {
        Shell {
            is_on,
            editor: LineEditor::new(),
            is_open: false,
            holdings: Holdings::new(),
        }
    }

    /// Whether the shell is open, so that keys go to it.
    pub fn is_entered(&self) -> bool {
        self.is_open
    }

    /// Opens the shell: keys go to it from now on.
    pub fn enter(&mut self) {
        if !self.is_on {
            log::warn!("no shell: the command line says shell=off");
            return;
        }
        self.is_open = true;
        say!("shell: \"help\" lists the commands, Esc closes it");
        self.show_line();
    }

    /// Closes the shell: keys go to the dashboard from now on.
    fn leave(&mut self) {
        self.is_open = false;
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
                if self.is_open {
                    self.show_line();
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
                if let Err(Misused) = (command.run)(self, context, words) {
                    say!("usage: {command}    {}", command.summary);
                }
            }
        }
    }

    fn show_line(&self) {
        console::set_line(self.editor.text(), self.editor.cursor());
    }
}

/// Formats a value as text, so that a width in a format string pads it.
fn cell(value: impl fmt::Display) -> String<48> {
    let mut text = String::new();
    // Text longer than a cell is cut.
    let _ = write!(text, "{value}");
    text
}

/// Checks that no arguments are left.
fn none(mut arguments: Arguments<'_>) -> Result<(), Misused> {
    arguments.next().map_or(Ok(()), |_| Err(Misused))
}

/// Parses a number, in decimal or in hex with `0x`.
fn number(word: &str) -> Result<u64, Misused> {
    let parsed = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => word.parse(),
    };
    parsed.map_err(|_| Misused)
}

/// Parses an address: hex, with or without `0x`, with any underscores.
fn address(word: &str) -> Result<u64, Misused> {
    let mut value = 0_u64;
    let digits = word.strip_prefix("0x").unwrap_or(word);
    for character in digits.chars().filter(|&character| character != '_') {
        let digit = character.to_digit(16).ok_or(Misused)?;
        value = value.checked_mul(16).ok_or(Misused)? | u64::from(digit);
    }
    if digits.is_empty() {
        Err(Misused)
    } else {
        Ok(value)
    }
}
