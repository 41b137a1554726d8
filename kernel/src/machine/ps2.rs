//! The PS/2 keyboard behind its controller (Intel 8042), polled.

use memviz::input::Key;
use pc_keyboard::layouts::Us104Key;
use pc_keyboard::{DecodedKey, HandleControl, KeyCode, PS2Keyboard, ScancodeSet1};
use x86_64::instructions::port::Port;

const DATA: u16 = 0x60;
const STATUS_AND_COMMAND: u16 = 0x64;
/// Status: a byte waits to be read.
const OUTPUT_FULL: u8 = 1;
/// Status: the controller has not yet taken the last byte.
const INPUT_FULL: u8 = 2;
/// Status: the waiting byte comes from the mouse.
const FROM_MOUSE: u8 = 1 << 5;
/// Command: switch the first port on.
const ENABLE_FIRST_PORT: u8 = 0xae;
/// More bytes than this at once mean that there is no controller.
const MOST_BYTES: u32 = 64;

/// The keyboard.
pub struct Keyboard {
    decoder: PS2Keyboard<Us104Key, ScancodeSet1>,
}

impl Keyboard {
    /// Switches the keyboard's port on and forgets what was typed before.
    pub fn new() -> Keyboard {
        let mut keyboard = Keyboard {
            decoder: PS2Keyboard::new(
                ScancodeSet1::new(),
                Us104Key,
                HandleControl::MapLettersToUnicode,
            ),
        };
        if status() & INPUT_FULL == 0 {
            // SAFETY: a command of the controller that only switches the keyboard on.
            unsafe { Port::<u8>::new(STATUS_AND_COMMAND).write(ENABLE_FIRST_PORT) };
        }
        while keyboard.next().is_some() {}
        keyboard
    }

    /// The next key that was pressed, if there is one.
    pub fn next(&mut self) -> Option<Key> {
        for _ in 0..MOST_BYTES {
            let status = status();
            if status & OUTPUT_FULL == 0 || status == u8::MAX {
                return None;
            }
            // SAFETY: the status says that a byte waits there.
            let byte = unsafe { Port::<u8>::new(DATA).read() };
            if status & FROM_MOUSE != 0 {
                continue;
            }
            let Ok(Some(event)) = self.decoder.add_byte(byte) else {
                continue;
            };
            let key = self.decoder.process_keyevent(event).and_then(translate);
            if key.is_some() {
                return key;
            }
        }
        None
    }
}

fn status() -> u8 {
    // SAFETY: reading the status has no side effects.
    unsafe { Port::<u8>::new(STATUS_AND_COMMAND).read() }
}

fn translate(key: DecodedKey) -> Option<Key> {
    Some(match key {
        // This decoder's delete key; on a serial line the same character is the backspace.
        DecodedKey::Unicode('\u{7f}') => Key::Delete,
        DecodedKey::Unicode(character) => Key::from_character(character),
        DecodedKey::RawKey(KeyCode::ArrowUp) => Key::Up,
        DecodedKey::RawKey(KeyCode::ArrowDown) => Key::Down,
        DecodedKey::RawKey(KeyCode::ArrowLeft) => Key::Left,
        DecodedKey::RawKey(KeyCode::ArrowRight) => Key::Right,
        DecodedKey::RawKey(KeyCode::Home) => Key::Home,
        DecodedKey::RawKey(KeyCode::End) => Key::End,
        DecodedKey::RawKey(_) => return None,
    })
}
