//! An entry of the help.

use crate::graphics::theme::Swatch;

/// One entry.
#[derive(Clone, Copy)]
pub enum Entry {
    /// A heading, in capitals.
    Heading(&'static str),
    /// A key and its effect.
    Key(&'static str, &'static str),
    /// A word or number and its meaning.
    Word(&'static str, &'static str),
    /// A colour and its meaning.
    Color(Swatch, &'static str),
    /// The hatching and its meaning.
    Hatched(&'static str, &'static str),
}

impl Entry {
    /// Returns the explanation.
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
