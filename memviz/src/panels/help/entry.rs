//! An entry of the help.

use crate::graphics::theme::Swatch;

/// One entry.
#[derive(Clone, Copy)]
pub enum Entry {
    /// A heading, in capitals.
    Heading(&'static str),
    /// What a key does.
    Key(&'static str, &'static str),
    /// What a word or a number means.
    Word(&'static str, &'static str),
    /// What a colour means.
    Color(Swatch, &'static str),
    /// What hatching means.
    Hatched(&'static str, &'static str),
}

impl Entry {
    /// The explanation.
    pub fn text(&self) -> &'static str {
        match self {
            Entry::Heading(_) => "",
            Entry::Key(_, text)
            | Entry::Word(_, text)
            | Entry::Color(_, text)
            | Entry::Hatched(_, text) => text,
        }
    }
}
