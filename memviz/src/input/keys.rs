//! Keys, which are the same on the keyboard, on the serial line and in a script.

use serde::{Deserialize, Serialize};

/// A key from any source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as on the keyboard")]
pub enum Key {
    Space,
    Left,
    Right,
    Home,
    End,
    Tab,
    Enter,
    Escape,
    Up,
    Down,
    PageUp,
    PageDown,
    Backspace,
    Delete,
    /// A character as typed, upper or lower case.
    Character(char),
    /// A letter, in lower case, with Control.
    Control(char),
}

impl Key {
    /// The keys with names. The name of any other key is its character. A comma separates keys.
    pub const NAMES: [(&str, Key); 15] = [
        ("space", Key::Space),
        ("left", Key::Left),
        ("right", Key::Right),
        ("up", Key::Up),
        ("down", Key::Down),
        ("home", Key::Home),
        ("end", Key::End),
        ("pageup", Key::PageUp),
        ("pagedown", Key::PageDown),
        ("tab", Key::Tab),
        ("enter", Key::Enter),
        ("escape", Key::Escape),
        ("backspace", Key::Backspace),
        ("delete", Key::Delete),
        ("comma", Key::Character(',')),
    ];

    /// Returns the key with this name in a script: `space`, `right`, … or its character.
    pub fn named(name: &str) -> Option<Key> {
        let known = Key::NAMES.iter().find(|(known, _)| *known == name);
        let mut characters = name.chars();
        let single = || {
            let character = characters.next()?;
            let is_alone = characters.next().is_none();
            let is_key = is_alone && character.is_ascii_graphic() && character != ',';
            is_key.then(|| Key::from_character(character))
        };
        known.map(|&(_, key)| key).or_else(single)
    }

    /// Returns the key for a character from a serial line.
    pub fn from_character(character: char) -> Key {
        match character {
            ' ' => Key::Space,
            '\t' => Key::Tab,
            '\r' | '\n' => Key::Enter,
            '\u{1b}' => Key::Escape,
            '\u{8}' | '\u{7f}' => Key::Backspace,
            '\u{1}'..='\u{1a}' => Key::Control(char::from(character as u8 - 1 + b'a')),
            _ => Key::Character(character),
        }
    }
}

/// The direction of an arrow key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as on the keyboard")]
pub enum Arrow {
    Left,
    Right,
    Up,
    Down,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_by_name_and_by_character() {
        assert_eq!(Key::named("space"), Some(Key::Space));
        assert_eq!(Key::named("comma"), Some(Key::Character(',')));
        assert_eq!(Key::named(","), None);
        assert_eq!((Key::named("spacebar"), Key::named("")), (None, None));
        assert_eq!(Key::from_character('\u{1}'), Key::Control('a'));
        assert_eq!(Key::from_character('\u{17}'), Key::Control('w'));
        assert_eq!(Key::from_character('\u{7f}'), Key::Backspace);
    }
}
