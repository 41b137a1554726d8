//! Keys of a window, as keys of the dashboard.
//!
//! Invariant: a key is either named or typed. So none acts twice.

use memviz::input::keys::Key;

/// Returns the keys that were pressed: those with names, and the characters that were typed.
pub fn keys(pressed: &[minifb::Key], typed: &str) -> Vec<Key> {
    let named = pressed.iter().filter_map(|&key| named(key));
    let typed = typed.chars().filter(|character| !character.is_control());
    named.chain(typed.map(Key::from_character)).collect()
}

/// Returns the key that types no character.
fn named(key: minifb::Key) -> Option<Key> {
    Some(match key {
        minifb::Key::Left => Key::Left,
        minifb::Key::Right => Key::Right,
        minifb::Key::Up => Key::Up,
        minifb::Key::Down => Key::Down,
        minifb::Key::Home => Key::Home,
        minifb::Key::End => Key::End,
        minifb::Key::PageUp => Key::PageUp,
        minifb::Key::PageDown => Key::PageDown,
        minifb::Key::Tab => Key::Tab,
        minifb::Key::Enter | minifb::Key::NumPadEnter => Key::Enter,
        minifb::Key::Escape => Key::Escape,
        minifb::Key::Backspace => Key::Backspace,
        minifb::Key::Delete => Key::Delete,
        _ => return None,
    })
}
