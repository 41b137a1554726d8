//! Keyboard layouts: which character a key types.
//!
//! A layout belongs to the PS/2 keyboard only. The serial line and scripts send characters.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// A keyboard layout that the crate `pc-keyboard` has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as in words()")]
pub enum KeyboardLayout {
    #[default]
    Us,
    Uk,
    German,
    French,
    Norwegian,
    Swedish,
    Japanese,
    Colemak,
    Dvorak,
    DvorakProgrammer,
}

/// No layout has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLayout;

impl KeyboardLayout {
    /// All layouts, in the order in which the key switches to the next.
    pub const ALL: [KeyboardLayout; 10] = [
        KeyboardLayout::Us,
        KeyboardLayout::Uk,
        KeyboardLayout::German,
        KeyboardLayout::French,
        KeyboardLayout::Norwegian,
        KeyboardLayout::Swedish,
        KeyboardLayout::Japanese,
        KeyboardLayout::Colemak,
        KeyboardLayout::Dvorak,
        KeyboardLayout::DvorakProgrammer,
    ];

    /// Returns the name in options and on the kernel's command line.
    pub const fn name(self) -> &'static str {
        match self {
            KeyboardLayout::Us => "us",
            KeyboardLayout::Uk => "uk",
            KeyboardLayout::German => "de",
            KeyboardLayout::French => "fr",
            KeyboardLayout::Norwegian => "no",
            KeyboardLayout::Swedish => "se",
            KeyboardLayout::Japanese => "jp",
            KeyboardLayout::Colemak => "colemak",
            KeyboardLayout::Dvorak => "dvorak",
            KeyboardLayout::DvorakProgrammer => "dvp",
        }
    }

    /// Returns the name in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            KeyboardLayout::Us => "US",
            KeyboardLayout::Uk => "UK",
            KeyboardLayout::German => "German",
            KeyboardLayout::French => "French",
            KeyboardLayout::Norwegian => "Norwegian",
            KeyboardLayout::Swedish => "Swedish, Finnish",
            KeyboardLayout::Japanese => "Japanese",
            KeyboardLayout::Colemak => "Colemak",
            KeyboardLayout::Dvorak => "Dvorak",
            KeyboardLayout::DvorakProgrammer => "Dvorak for programmers",
        }
    }

    /// Returns the next layout, and after the last one the first.
    #[must_use]
    pub fn next(self) -> KeyboardLayout {
        let mut others = KeyboardLayout::ALL.into_iter().cycle();
        others.find(|&layout| layout == self);
        others.next().unwrap_or_default()
    }
}

impl fmt::Display for KeyboardLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyboardLayout {
    type Err = UnknownLayout;

    /// Finds the layout with this name.
    fn from_str(name: &str) -> Result<KeyboardLayout, UnknownLayout> {
        let found = KeyboardLayout::ALL
            .into_iter()
            .find(|layout| layout.name() == name);
        found.ok_or(UnknownLayout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_visits_all_layouts() {
        let mut layout = KeyboardLayout::default();
        for expected in KeyboardLayout::ALL {
            assert_eq!((layout, expected.name().parse()), (expected, Ok(expected)));
            layout = layout.next();
        }
        assert_eq!(layout, KeyboardLayout::default());
        assert_eq!("xx".parse::<KeyboardLayout>(), Err(UnknownLayout));
    }
}
