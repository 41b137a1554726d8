//! Keys of a browser, as keys of the dashboard.

use memviz::input::keys::Key;

/// Returns the key with this name in a `KeyboardEvent`: `ArrowLeft`, or a character.
pub fn key(name: &str) -> Option<Key> {
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Some(Key::from_character(character));
    }
    Some(match name {
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "Backspace" => Key::Backspace,
        "Delete" => Key::Delete,
        "End" => Key::End,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Home" => Key::Home,
        "PageDown" => Key::PageDown,
        "PageUp" => Key::PageUp,
        "Tab" => Key::Tab,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_key_has_a_name_in_browsers() {
        for (name, expected) in Key::NAMES {
            let named = match name {
                "space" => " ".into(),
                "comma" => ",".into(),
                "left" | "right" | "up" | "down" => format!("Arrow{}", capital(name)),
                "pageup" => "PageUp".into(),
                "pagedown" => "PageDown".into(),
                name => capital(name),
            };
            assert_eq!(key(&named), Some(expected), "{named}");
        }
        assert_eq!(key("["), Some(Key::Character('[')));
        for other in ["", "Shift", "F5", "Dead", "AudioVolumeUp"] {
            assert_eq!(key(other), None, "{other}");
        }
    }

    fn capital(name: &str) -> String {
        let (first, rest) = name.split_at(1);
        first.to_uppercase() + rest
    }
}
