//! The keyboard: decodes scan codes into keys.

use memviz::input::keys::Key;
use pc_keyboard::layouts::Us104Key;
use pc_keyboard::{DecodedKey, HandleControl, KeyCode, PS2Keyboard, ScancodeSet1};

/// The decoder, with the state of the modifier keys.
pub struct Keyboard(PS2Keyboard<Us104Key, ScancodeSet1>);

impl Keyboard {
    /// A decoder with no key held.
    pub fn new() -> Keyboard {
        Keyboard(PS2Keyboard::new(
            ScancodeSet1::new(),
            Us104Key,
            HandleControl::MapLettersToUnicode,
        ))
    }

    /// Decodes a byte; returns the key that it completes.
    pub fn take(&mut self, byte: u8) -> Option<Key> {
        // A byte that is no scan code is the answer to a command, or noise.
        let event = self.0.add_byte(byte).ok()??;
        self.0.process_keyevent(event).and_then(translate)
    }
}

fn translate(key: DecodedKey) -> Option<Key> {
    Some(match key {
        // The decoder's delete key; on a serial line the same character is the backspace.
        DecodedKey::Unicode('\u{7f}') => Key::Delete,
        DecodedKey::Unicode(character) => Key::from_character(character),
        DecodedKey::RawKey(KeyCode::ArrowUp) => Key::Up,
        DecodedKey::RawKey(KeyCode::ArrowDown) => Key::Down,
        DecodedKey::RawKey(KeyCode::ArrowLeft) => Key::Left,
        DecodedKey::RawKey(KeyCode::ArrowRight) => Key::Right,
        DecodedKey::RawKey(KeyCode::Home) => Key::Home,
        DecodedKey::RawKey(KeyCode::End) => Key::End,
        DecodedKey::RawKey(KeyCode::PageUp) => Key::PageUp,
        DecodedKey::RawKey(KeyCode::PageDown) => Key::PageDown,
        DecodedKey::RawKey(_) => return None,
    })
}
