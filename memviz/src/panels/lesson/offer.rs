//! The right end of the title line: keys, or a notice.
//!
//! While keys go to the shell, the line offers only the key that closes it. A notice replaces the
//! keys until the next action.

use crate::input::keyboard_layout::KeyboardLayout;
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// Each key after Space, with its effect.
const KEYS: [(&str, &str); 3] = [("[ ]", "step"), ("l", "lessons"), ("?", "help")];
/// The key to show in the present of a machine.
const OUT: (&str, &str) = ("q", "power off");
/// The key to show in the past.
const BACK: (&str, &str) = ("End", "to now");
/// The key to show in a trace.
const LAST: (&str, &str) = ("End", "last event");
/// The key to show while keys go to the shell.
const SHELL: (&str, &str) = ("Esc", "closes the shell");

/// The keys to show while the user types what to search for.
const TYPING: [(&str, &str); 2] = [("Enter", "go to a match"), ("Esc", "end")];
/// The keys to show while the user types the name of a bookmark.
const NAMING: [(&str, &str); 2] = [("Enter", "name it"), ("Esc", "no name")];
/// The keys to show at a match.
const MATCHES: [(&str, &str); 3] = [("n", "next"), ("N", "previous"), ("Esc", "end")];

/// The keys that the line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Keys go to the shell.
    Shell,
    /// A notice, instead of the keys.
    Notice(Notice),
    /// Keys go to the line of the search.
    Typing,
    /// Keys go to the line of a name.
    Naming,
    /// Keys go to the matches of the search.
    Matches,
    /// Keys go to the dashboard.
    Dashboard {
        /// The effect of Space now.
        space: &'static str,
        /// The present, the past, or a trace.
        time: Time,
        /// The number of answers to choose from now.
        choices: u8,
    },
}

/// The time that a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The present of the machine.
    Present,
    /// Its past.
    Past,
    /// A moment of a trace file.
    Trace,
}

/// A fact about the keyboard that the line shows until the next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The key that powers off was pressed once.
    Quit,
    /// The keyboard has another layout.
    Keyboard(KeyboardLayout),
    /// The machine has no keyboard that the kernel can use.
    NoKeyboard,
}

impl Notice {
    /// Returns whether the notice is about a key, which can be clicked.
    pub const fn is_key(self) -> bool {
        matches!(self, Notice::Quit)
    }

    /// Returns a key and its effect, or a topic and the fact about it.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Notice::Quit => ("q", "again powers off"),
            Notice::Keyboard(layout) => ("keyboard:", layout.words()),
            Notice::NoKeyboard => (
                "no PS/2 keyboard:",
                "type on the serial line (the terminal)",
            ),
        }
    }
}

/// Returns the keys that the line offers, each with its effect, the most important ones first.
pub fn keys(offer: Offer) -> Vec<(&'static str, &'static str), { KEYS.len() + 2 }> {
    match offer {
        Offer::Dashboard {
            space,
            time,
            choices,
        } => [("Space", space), choose(choices)]
            .into_iter()
            .filter(|(key, _)| !key.is_empty())
            .chain(KEYS.into_iter().skip(usize::from(choices > 0)))
            .chain([match time {
                Time::Present => OUT,
                Time::Past => BACK,
                Time::Trace => LAST,
            }])
            .collect(),
        Offer::Shell => core::iter::once(SHELL).collect(),
        Offer::Typing => TYPING.into_iter().collect(),
        Offer::Naming => NAMING.into_iter().collect(),
        Offer::Matches => MATCHES.into_iter().collect(),
        Offer::Notice(notice) if notice.is_key() => core::iter::once(notice.words()).collect(),
        Offer::Notice(_) => Vec::new(),
    }
}

/// Returns the keys that choose one of this many answers.
const fn choose(choices: u8) -> (&'static str, &'static str) {
    let keys = match choices {
        0 => "",
        2 => "a b",
        3 => "a–c",
        _ => "a–d",
    };
    (keys, "choose")
}

/// Returns the name in a script of a key that the line offers and that can be clicked.
pub fn script_name(offer: Offer, key: &str) -> Option<&'static str> {
    if matches!(offer, Offer::Typing | Offer::Naming | Offer::Matches) {
        let names = [
            ("Enter", "enter"),
            ("n", "n"),
            ("N", "N"),
            ("Esc", "escape"),
        ];
        let found = names.into_iter().find(|(shown, _)| *shown == key);
        return found.map(|(_, name)| name);
    }
    ["space", "l", "?", "q", "end"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(key))
}
