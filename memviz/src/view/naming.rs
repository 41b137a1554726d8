//! The line for the name of a bookmark, and the bookmark that it is for.
//!
//! The machine goes on while the user types, so the line remembers the position.

use crate::input::keys::Key;
use crate::input::line_editor::{Edit, LineEditor, Text};

/// The line, open or closed.
#[derive(Debug, Default)]
pub struct Naming {
    line: LineEditor,
    position: Option<u64>,
}

impl Naming {
    /// Opens an empty line for the bookmark at this position.
    pub fn open(&mut self, position: u64) {
        self.line.clear();
        self.position = Some(position);
    }

    /// Returns whether keys go to the line.
    pub fn is_open(&self) -> bool {
        self.position.is_some()
    }

    /// Returns the text and the number of characters before the cursor, while the line is open.
    pub fn line(&self) -> Option<(Text, usize)> {
        self.position?;
        let text = Text::try_from(self.line.text()).unwrap_or_default();
        Some((text, self.line.cursor()))
    }

    /// Handles a key. Enter and Esc close the line; Enter returns the position and its name.
    pub fn take(&mut self, key: Key) -> Option<(u64, Text)> {
        let position = self.position?;
        match self.line.take(key) {
            Edit::Edited | Edit::Refused => None,
            Edit::Left => {
                self.position = None;
                None
            }
            Edit::Entered(name) => {
                self.position = None;
                Some((position, name))
            }
        }
    }
}
