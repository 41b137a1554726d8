//! The keyboard layout of the host, if the host reports it.
//!
//! ```text
//! X11                     the property of the root window that setxkbmap writes
//! Wayland, or no X11      the system's setting: /etc/default/keyboard, vconsole.conf, xorg.conf.d
//! macOS, else             unknown
//! ```
//! Under Wayland the X11 server reports a default, and each desktop stores its layout elsewhere. So
//! the tool uses the system's setting there.

use anyhow::{Context, Result};
use memviz::input::keyboard_layout::KeyboardLayout;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};

/// The files with the system's setting, and the keys that hold layout and variant.
const FILES: [(&str, &str, &str); 3] = [
    ("/etc/default/keyboard", "XKBLAYOUT", "XKBVARIANT"),
    (
        "/etc/X11/xorg.conf.d/00-keyboard.conf",
        "XkbLayout",
        "XkbVariant",
    ),
    ("/etc/vconsole.conf", "KEYMAP", ""),
];

/// A layout by the names of XKB: `de`, and a variant such as `dvorak`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostLayout {
    layout: String,
    variant: String,
}

impl HostLayout {
    /// Finds the layout of the host. None if the host does not report it.
    pub fn find() -> Option<Self> {
        let is_wayland = std::env::var_os("WAYLAND_DISPLAY").is_some();
        let x11 = || x11_names().ok().and_then(|names| Self::from_names(&names));
        let file = |(path, layout, variant): (&str, &str, &str)| {
            Self::from_file(&std::fs::read_to_string(path).ok()?, layout, variant)
        };
        (!is_wayland)
            .then(x11)
            .flatten()
            .or_else(|| FILES.into_iter().find_map(file))
    }

    /// Returns the layout of the guest that types the same commands, if there is one.
    pub fn known(&self) -> Option<KeyboardLayout> {
        // A console's keymap is called de-latin1, fr-pc, uk, or by its variant: dvorak.
        let name = self
            .layout
            .split(['-', '_', '('])
            .next()
            .unwrap_or_default();
        let variant = if self.variant.is_empty() {
            &self.layout
        } else {
            &self.variant
        };
        let us_variants = [
            ("dvp", KeyboardLayout::DvorakProgrammer),
            ("dvorak-programmer", KeyboardLayout::DvorakProgrammer),
            ("dvorak", KeyboardLayout::Dvorak),
            ("colemak", KeyboardLayout::Colemak),
        ];
        let special = us_variants
            .into_iter()
            .find(|(name, _)| variant.starts_with(name));
        match (name, special) {
            ("us" | "dvorak" | "colemak", Some((_, layout))) => Some(layout),
            // Other letters are at other positions.
            (_, Some(_)) => None,
            ("us", None) => Some(KeyboardLayout::Us),
            ("gb" | "uk", None) => Some(KeyboardLayout::Uk),
            ("de" | "at", None) => Some(KeyboardLayout::German),
            ("fr", None)
                if ["bepo", "ergol"]
                    .iter()
                    .all(|other| !variant.contains(other)) =>
            {
                Some(KeyboardLayout::French)
            }
            ("no", None) => Some(KeyboardLayout::Norwegian),
            ("se" | "fi" | "sv", None) => Some(KeyboardLayout::Swedish),
            ("jp" | "jp106", None) => Some(KeyboardLayout::Japanese),
            _ => None,
        }
    }

    /// Reads rules, model, layouts, variants and options, each ended by a zero. Only the first
    /// layout is used.
    fn from_names(names: &[u8]) -> Option<Self> {
        let names = String::from_utf8_lossy(names);
        let names: Vec<&str> = names.split('\0').collect();
        Self::first(names.get(2)?, names.get(3).unwrap_or(&""))
    }

    /// Reads `KEY=value`, `KEY="value"`, or the `Option "Key" "value"` of X11.
    fn from_file(text: &str, layout: &str, variant: &str) -> Option<Self> {
        let value = |key: &str| {
            let mut lines = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.starts_with('#'));
            let found = lines.find_map(|line| {
                let line = line.strip_prefix("Option").unwrap_or(line).trim_start();
                let rest = line.trim_start_matches('"').strip_prefix(key)?;
                let value = rest.trim_start_matches(['"', '=', ' ', '\t']);
                rest.starts_with(['"', '=', ' '])
                    .then(|| value.trim_end_matches('"').trim())
            });
            found.filter(|_| !key.is_empty()).unwrap_or_default()
        };
        Self::first(value(layout), value(variant))
    }

    /// Returns the first of layouts and of variants, each list separated by commas.
    fn first(layouts: &str, variants: &str) -> Option<Self> {
        let first = |list: &str| {
            list.split(',')
                .next()
                .unwrap_or_default()
                .trim()
                .to_string()
        };
        let (layout, variant) = (first(layouts), first(variants));
        (!layout.is_empty()).then_some(Self { layout, variant })
    }
}

/// The name with its variant: `us (dvorak)`.
impl std::fmt::Display for HostLayout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.layout)?;
        match self.variant.as_str() {
            "" => Ok(()),
            variant => write!(f, " ({variant})"),
        }
    }
}

/// Returns the names of XKB at the root window of the X display.
fn x11_names() -> Result<Vec<u8>> {
    let (connection, screen) = x11rb::connect(None)?;
    let root = connection.setup().roots[screen].root;
    let name = connection
        .intern_atom(true, b"_XKB_RULES_NAMES")?
        .reply()?
        .atom;
    let answer = connection.get_property(false, root, name, AtomEnum::STRING, 0, 256)?;
    let answer = answer.reply()?;
    Ok(answer.value8().context("no names")?.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(layout: &str, variant: &str) -> HostLayout {
        HostLayout {
            layout: layout.into(),
            variant: variant.into(),
        }
    }

    #[test]
    fn x11_names_its_first_layout() {
        let names = b"evdev\0pc105\0de,us\0nodeadkeys,\0grp:alt_shift_toggle\0";
        assert_eq!(
            HostLayout::from_names(names),
            Some(layout("de", "nodeadkeys"))
        );
        assert_eq!(
            HostLayout::from_names(b"evdev\0pc105\0us\0\0\0"),
            Some(layout("us", ""))
        );
        assert_eq!(HostLayout::from_names(b"evdev\0pc105\0\0\0\0"), None);
        assert_eq!(HostLayout::from_names(b""), None);
    }

    #[test]
    fn files_name_the_layout() {
        let debian = "# comment\nXKBMODEL=\"pc105\"\nXKBLAYOUT=\"fr,us\"\nXKBVARIANT=\"oss\"\n";
        let xorg = "Section \"InputClass\"\n  Option \"XkbLayout\" \"gb\"\nEndSection\n";
        let console = "FONT=eurlatgr\nKEYMAP=de-latin1-nodeadkeys\n";
        for ((text, expected), (_, key, variant)) in [
            (debian, layout("fr", "oss")),
            (xorg, layout("gb", "")),
            (console, layout("de-latin1-nodeadkeys", "")),
        ]
        .into_iter()
        .zip(FILES)
        {
            assert_eq!(HostLayout::from_file(text, key, variant), Some(expected));
            assert_eq!(
                HostLayout::from_file("XKBLAYOUT2=\"x\"\n#KEYMAP=y\n", key, variant),
                None
            );
        }
    }

    #[test]
    fn names_of_the_host_have_a_layout_or_none() {
        for (host, expected) in [
            (layout("us", ""), Some(KeyboardLayout::Us)),
            (layout("us", "intl"), Some(KeyboardLayout::Us)),
            (layout("us", "dvorak"), Some(KeyboardLayout::Dvorak)),
            (layout("us", "dvp"), Some(KeyboardLayout::DvorakProgrammer)),
            (layout("us", "colemak_dh"), Some(KeyboardLayout::Colemak)),
            (layout("dvorak", ""), Some(KeyboardLayout::Dvorak)),
            (layout("gb", ""), Some(KeyboardLayout::Uk)),
            (
                layout("de-latin1-nodeadkeys", ""),
                Some(KeyboardLayout::German),
            ),
            (layout("de", "dvorak"), None),
            (layout("fr", "oss"), Some(KeyboardLayout::French)),
            (layout("fr", "bepo"), None),
            (layout("fi", ""), Some(KeyboardLayout::Swedish)),
            (layout("es", ""), None),
        ] {
            assert_eq!(host.known(), expected, "{host}");
        }
    }
}
