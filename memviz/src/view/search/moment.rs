//! An event with what it means at its moment: the process, the function, the caption.

use crate::view::caption::Caption;
use crate::view::names::{CODE, NameOf};
use core::fmt::{self, Write};
use heapless::String;
use mm::event::{Event, Payload};

/// The maximum length of an event's text in bytes. A longer text is cut.
const TEXT_BYTES: usize = 1024;

/// Finds names and captions by their numbers in events.
#[derive(Clone, Copy)]
pub struct Lookups {
    /// Returns the name of the function at an address of the kernel.
    pub function: NameOf,
    /// Returns the caption with a number.
    pub caption: &'static dyn Fn(u32) -> Option<Caption>,
}

/// An event, and the address space that was active.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'e> {
    /// The event.
    pub event: &'e Event,
    /// The process of the active address space; 0 is the kernel.
    pub process: u32,
}

impl Moment<'_> {
    /// Returns the words of the event, with the function of its call site, and the words of its
    /// caption.
    pub fn text(&self, lookups: &Lookups) -> MomentText {
        let mut text = LowerCase(String::new());
        // A text that is too long is cut.
        let _ = write!(text, "{}", self.event.payload);
        let own = text.0.len();
        if let Payload::Caption { number, .. } = self.event.payload
            && let Some(caption) = (lookups.caption)(number)
        {
            let question = caption.question.as_deref().unwrap_or_default();
            let _ = write!(text, " {} {question} {}", caption.title, caption.words);
        }
        if let Some(name) = self.function(lookups) {
            let _ = write!(text, " {name}");
        }
        MomentText { text, own }
    }

    fn function(&self, lookups: &Lookups) -> Option<&'static str> {
        let site = self.event.site;
        (site != 0).then(|| (lookups.function)(CODE | u64::from(site)))?
    }
}

/// The text of an event in lower case.
pub struct MomentText {
    text: LowerCase,
    /// The length of the words of the event itself.
    own: usize,
}

impl MomentText {
    /// Returns the words of the event itself.
    pub fn own(&self) -> &str {
        self.text.0.get(..self.own).unwrap_or_default()
    }

    /// Returns these words, and those of function and caption.
    pub fn all(&self) -> &str {
        &self.text.0
    }
}

/// A text whose letters become lower case.
struct LowerCase(String<TEXT_BYTES>);

impl Write for LowerCase {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let lower = text.chars().map(|letter| letter.to_ascii_lowercase());
        for letter in lower {
            self.0.push(letter).map_err(|_| fmt::Error)?;
        }
        Ok(())
    }
}
