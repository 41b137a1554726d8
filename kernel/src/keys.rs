//! Input from all sources: the PS/2 keyboard and mouse, the serial line, and the script on the
//! command line.
//!
//! The main loop polls it once a picture. This is far faster than a person types, and no action of
//! a key runs inside an interrupt.

use crate::machine::clock::{self, SECOND};
use crate::machine::{fw_cfg, ps2, serial};
use heapless::String;
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::input::keys::Key;

pub use ps2::Input;

/// The time between two keys of the script, in nanoseconds.
const SCRIPT_STEP: u64 = SECOND / 4;

/// The value of a script whose keys are in the file [`SCRIPT_FILE`], because the command line has
/// no room for them.
const IN_FILE: &str = "fw_cfg";
const SCRIPT_FILE: &str = "opt/memviz/keys";

/// The time after which an escape byte alone counts as the key Escape, in nanoseconds. The bytes of
/// an escape sequence may arrive one by one. The CPU does not halt meanwhile: if the clock counts
/// instructions, halted time passes at once, and the sender would have no time to send.
const ESCAPE_ALONE: u64 = SECOND / 20;

/// All sources of keys.
pub struct Keys {
    devices: ps2::Devices,
    script: Script,
    escape: Escape,
}

impl Keys {
    /// Sets up input with this keyboard layout and script: a list of key names separated by commas.
    /// The first key of the script comes a step after `now`.
    pub fn new(layout: KeyboardLayout, script: &'static str, now: u64) -> Keys {
        let script = Script {
            source: Source::new(script),
            due: now + SCRIPT_STEP,
        };
        Keys {
            devices: ps2::Devices::new(layout),
            script,
            escape: Escape::None,
        }
    }

    /// Returns whether there is a keyboard. Keys of the serial line work without one.
    pub fn has_keyboard(&self) -> bool {
        self.devices.has_keyboard()
    }

    /// Returns the layout of the keyboard.
    pub fn layout(&self) -> KeyboardLayout {
        self.devices.layout()
    }

    /// Changes the layout of the keyboard, and reports it.
    pub fn set_layout(&mut self, layout: KeyboardLayout) {
        self.devices.set_layout(layout);
        log::info!(target: "kernel::keys", "keyboard: {layout} ({})", layout.words());
    }

    /// Returns the next key of the script, if it is due. `now` is in nanoseconds since boot.
    pub fn next_of_script(&mut self, now: u64) -> Option<Key> {
        self.script.next(now)
    }

    /// Returns the next input from a device, if there is any.
    pub fn next(&mut self) -> Option<Input> {
        let device = self.devices.next();
        device.or_else(|| self.next_from_serial().map(Input::Key))
    }

    /// Returns the next key from the terminal on the serial line, which sends arrows as escape
    /// sequences.
    fn next_from_serial(&mut self) -> Option<Key> {
        loop {
            let Some(byte) = self.read() else {
                let alone = self.escape == Escape::Begun;
                if alone {
                    self.escape = Escape::None;
                }
                return alone.then_some(Key::Escape);
            };
            let (escape, key) = self.escape.take(byte);
            self.escape = escape;
            if key.is_some() {
                return key;
            }
        }
    }

    /// Returns the next byte from the serial line. After an escape byte, waits for the rest of a
    /// sequence.
    fn read(&self) -> Option<u8> {
        let begin = clock::now();
        loop {
            let byte = serial::read();
            let waits = self.escape == Escape::Begun && clock::now() < begin + ESCAPE_ALONE;
            if byte.is_some() || !waits {
                return byte;
            }
        }
    }
}

/// Returns the layout with this name, or the first.
pub fn layout(name: &str) -> KeyboardLayout {
    let found = name.parse();
    if found.is_err() && !name.is_empty() {
        log::warn!("there is no keyboard layout \"{name}\"");
    }
    found.unwrap_or_default()
}

/// The state of an escape sequence (ECMA-48).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    Bracket,
    Number(u8),
}

impl Escape {
    fn take(self, byte: u8) -> (Escape, Option<Key>) {
        match (self, byte) {
            (Escape::None, 0x1b) => (Escape::Begun, None),
            (Escape::None, byte) if byte.is_ascii() => {
                (Escape::None, Some(Key::from_character(char::from(byte))))
            }
            (Escape::Begun, b'[' | b'O') => (Escape::Bracket, None),
            (Escape::Begun, 0x1b) => (Escape::Begun, Some(Key::Escape)),
            (Escape::Bracket, b'A') => (Escape::None, Some(Key::Up)),
            (Escape::Bracket, b'B') => (Escape::None, Some(Key::Down)),
            (Escape::Bracket, b'C') => (Escape::None, Some(Key::Right)),
            (Escape::Bracket, b'D') => (Escape::None, Some(Key::Left)),
            (Escape::Bracket, b'H') => (Escape::None, Some(Key::Home)),
            (Escape::Bracket, b'F') => (Escape::None, Some(Key::End)),
            (Escape::Bracket, digit @ b'0'..=b'9') => (Escape::Number(digit), None),
            (Escape::Number(b'1' | b'7'), b'~') => (Escape::None, Some(Key::Home)),
            (Escape::Number(b'3'), b'~') => (Escape::None, Some(Key::Delete)),
            (Escape::Number(b'4' | b'8'), b'~') => (Escape::None, Some(Key::End)),
            (Escape::Number(b'5'), b'~') => (Escape::None, Some(Key::PageUp)),
            (Escape::Number(b'6'), b'~') => (Escape::None, Some(Key::PageDown)),
            _ => (Escape::None, None),
        }
    }
}

/// The script: keys that the command line lists.
struct Script {
    source: Source,
    due: u64,
}

impl Script {
    fn next(&mut self, now: u64) -> Option<Key> {
        while now >= self.due
            && let Some(name) = self.source.next()
        {
            self.due += SCRIPT_STEP;
            match Key::named(&name) {
                Some(key) => return Some(key),
                None => log::warn!("unknown key \"{name}\" in the script"),
            }
        }
        None
    }
}

/// The name of a key; no name is longer.
type Name = String<32>;

/// The source of the names of keys, separated by commas.
enum Source {
    Words(&'static str),
    File(fw_cfg::File),
}

impl Source {
    fn new(script: &'static str) -> Source {
        if script != IN_FILE {
            return Source::Words(script);
        }
        match fw_cfg::File::open(SCRIPT_FILE) {
            Some(file) => Source::File(file),
            None => {
                log::warn!("no keys: the host passes no file {SCRIPT_FILE}");
                Source::Words("")
            }
        }
    }

    fn next(&mut self) -> Option<Name> {
        let mut name = Name::new();
        match self {
            Source::Words("") => return None,
            Source::Words(words) => {
                let (first, rest) = words.split_once(',').unwrap_or((words, ""));
                *words = rest;
                // The beginning of a name that is too long is reported as unknown.
                for character in first.chars() {
                    let _ = name.push(character);
                }
            }
            Source::File(file) => {
                let mut byte = Some(file.read()?);
                while let Some(other) = byte.filter(|&byte| byte != b',') {
                    let _ = name.push(char::from(other));
                    byte = file.read();
                }
            }
        }
        Some(name)
    }
}
