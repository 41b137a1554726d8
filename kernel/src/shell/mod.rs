//! The shell on the serial line and on the screen: a line is typed, a command answers, the
//! dashboard goes on above.
//!
//! ```text
//! keys ─► LineEditor ─► words ─► COMMANDS ─► run(context, words) ─► lines on the console
//!            └► foot of the console: the line being typed stays below the log
//! ```
//! A command runs between two pictures, to its end. What takes longer calls [`Context::breathe`],
//! which draws one, so that no event is lost. The shell itself allocates nothing.

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

use crate::dashboard::Live;
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

/// What a command may use.
pub struct Context<'c> {
    /// The dashboard, if there is one.
    pub live: Option<&'c mut Live>,
    /// The lesson that is played.
    pub player: &'c mut Player,
}

impl Context<'_> {
    /// Lets the dashboard take the events so far, and show them.
    pub fn breathe(&mut self) {
        if let Some(live) = &mut self.live {
            live.show();
        }
    }
}

/// The words after a command's name.
pub type Arguments<'w> = SplitAsciiWhitespace<'w>;

/// The words make no sense to the command: its usage is shown.
pub struct Misused;

/// One command.
pub struct Command {
    name: &'static str,
    /// The arguments, as a usage line shows them.
    arguments: &'static str,
    /// What it does, in one line.
    what: &'static str,
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
    what: "this list, or the line of one command",
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
    say!("  {:<38} {}", cell(command), command.what);
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Writes one line of an answer.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::shell::answer(format_args!($($text)*))
    };
}
use say;

/// One line of an answer.
pub fn answer(line: fmt::Arguments<'_>) {
    console::write(format_args!("{line}\n"));
}

/// The shell, whether or not keys go to it now.
pub struct Shell {
    on: bool,
    editor: LineEditor,
    entered: bool,
    holdings: Holdings,
}

impl Shell {
    /// Nothing typed, nothing held; unless it is on, it is never entered.
    pub const fn new(on: bool) -> Shell {
        Shell {
            on,
            editor: LineEditor::new(),
            entered: false,
            holdings: Holdings::new(),
        }
    }

    /// Whether keys go to it.
    pub fn is_entered(&self) -> bool {
        self.entered
    }

    /// Keys go to it from now on.
    pub fn enter(&mut self) {
        if !self.on {
            log::warn!("no shell: shell=off on the command line");
            return;
        }
        self.entered = true;
        say!("shell: \"help\" lists the commands, Escape leaves");
        self.show_line();
    }

    /// Keys go elsewhere from now on.
    fn leave(&mut self) {
        self.entered = false;
        self.editor.clear();
        console::clear_line();
        say!("shell left: \":\" comes back");
    }

    /// Takes a key, and runs the line that it may have finished.
    pub fn take(&mut self, key: Key, mut context: Context<'_>) {
        if let (Key::PageUp | Key::PageDown, Some(live)) = (key, &mut context.live) {
            live.turn_shell(if key == Key::PageUp { 1 } else { -1 });
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
                if self.entered {
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
                    say!("usage: {command}    {}", command.what);
                }
            }
        }
    }

    fn show_line(&self) {
        console::set_line(self.editor.text(), self.editor.cursor());
    }
}

/// A value as text, which a width in a format string pads.
fn cell(value: impl fmt::Display) -> String<48> {
    let mut text = String::new();
    // What is longer than a cell is cut.
    let _ = write!(text, "{value}");
    text
}

/// For commands without arguments.
fn none(mut arguments: Arguments<'_>) -> Result<(), Misused> {
    arguments.next().map_or(Ok(()), |_| Err(Misused))
}

/// A number, in decimal or in hex with `0x`.
fn number(word: &str) -> Result<u64, Misused> {
    let parsed = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => word.parse(),
    };
    parsed.map_err(|_| Misused)
}

/// An address: hex, with or without `0x`, with underscores wherever they help.
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
