//! The decoder of a PS/2 keyboard: scan codes of set 1 in, keys out.
//!
//! A key types the character that the layout has there, so on a French keyboard the key beside Tab
//! is `a`. Characters that no command has, such as `é`, are keys without an effect.

use super::keyboard_layout::KeyboardLayout;
use super::keys::Key;
use pc_keyboard::layouts::{self, AnyLayout};
use pc_keyboard::{DecodedKey, EventDecoder, HandleControl, KeyCode, ScancodeSet, ScancodeSet1};

/// The decoder, with the state of the modifier keys.
pub struct Keyboard {
    codes: ScancodeSet1,
    events: EventDecoder<AnyLayout>,
    layout: KeyboardLayout,
}

impl Keyboard {
    /// Creates a decoder with no key held.
    pub fn new(layout: KeyboardLayout) -> Keyboard {
        Keyboard {
            codes: ScancodeSet1::new(),
            events: EventDecoder::new(table(layout), HandleControl::MapLettersToUnicode),
            layout,
        }
    }

    /// Returns the layout.
    pub fn layout(&self) -> KeyboardLayout {
        self.layout
    }

    /// Changes the layout. Modifier keys that are held stay held.
    pub fn set_layout(&mut self, layout: KeyboardLayout) {
        self.layout = layout;
        self.events.change_layout(table(layout));
    }

    /// Decodes a byte; returns the key that it completes.
    pub fn take(&mut self, byte: u8) -> Option<Key> {
        // A byte that is not a scan code is the answer to a command, or noise.
        let event = self.codes.advance_state(byte).ok()??;
        self.events.process_keyevent(event).and_then(translate)
    }
}

/// Returns the table of a layout in the crate.
fn table(layout: KeyboardLayout) -> AnyLayout {
    match layout {
        KeyboardLayout::Us => AnyLayout::Us104Key(layouts::Us104Key),
        KeyboardLayout::Uk => AnyLayout::Uk105Key(layouts::Uk105Key),
        KeyboardLayout::German => AnyLayout::De105Key(layouts::De105Key),
        KeyboardLayout::French => AnyLayout::Azerty(layouts::Azerty),
        KeyboardLayout::Norwegian => AnyLayout::No105Key(layouts::No105Key),
        KeyboardLayout::Swedish => AnyLayout::FiSe105Key(layouts::FiSe105Key),
        KeyboardLayout::Japanese => AnyLayout::Jis109Key(layouts::Jis109Key),
        KeyboardLayout::Colemak => AnyLayout::Colemak(layouts::Colemak),
        KeyboardLayout::Dvorak => AnyLayout::Dvorak104Key(layouts::Dvorak104Key),
        KeyboardLayout::DvorakProgrammer => AnyLayout::DVP104Key(layouts::DVP104Key),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Scan codes of set 1.
    const SHIFT: u8 = 0x2a;
    const RELEASE: u8 = 0x80;

    fn press(layout: KeyboardLayout, code: u8) -> Option<Key> {
        Keyboard::new(layout).take(code)
    }

    #[test]
    fn the_character_counts_and_not_the_position() {
        // The key beside Tab, the key beside Caps Lock, and the key beside the right Shift.
        let keys = |layout| [0x10, 0x1e, 0x35].map(|code| press(layout, code));
        let characters = |text: [char; 3]| text.map(|character| Some(Key::Character(character)));
        assert_eq!(keys(KeyboardLayout::Us), characters(['q', 'a', '/']));
        assert_eq!(keys(KeyboardLayout::French), characters(['a', 'q', '!']));
        assert_eq!(keys(KeyboardLayout::German), characters(['q', 'a', '-']));
        assert_eq!(keys(KeyboardLayout::Dvorak), characters(['\'', 'a', 'z']));
    }

    #[test]
    fn a_change_keeps_the_held_keys() {
        let mut keyboard = Keyboard::new(KeyboardLayout::Us);
        keyboard.take(SHIFT);
        keyboard.set_layout(KeyboardLayout::French);
        assert_eq!(keyboard.take(0x32), Some(Key::Character('?')));
        keyboard.take(SHIFT | RELEASE);
        assert_eq!(keyboard.take(0x32), Some(Key::Character(',')));
        assert_eq!(keyboard.layout(), KeyboardLayout::French);
    }
}
