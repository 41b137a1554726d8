//! An editor for a line of text, with a history of earlier lines.
//!
//! ```text
//! key ─► LineEditor ─┬─ Edited   draw it again: text() and cursor()
//!                    ├─ Refused  nothing changed: ring the bell
//!                    ├─ Entered  a complete line; the editor is empty again
//!                    └─ Left     Escape: the user leaves the editor
//! ```
//! Invariants: the text is printable ASCII, at most [`CAPACITY`] bytes, so that a byte is a column;
//! the cursor is never past the end. The editor neither allocates nor draws: it serves both a
//! serial line and a screen.

use crate::input::keys::Key;
use heapless::{Deque, String};

/// The maximum length of a line in bytes.
pub const CAPACITY: usize = 120;
/// The number of lines in the history.
pub const HISTORY: usize = 16;

/// The text of a line.
pub type Text = String<CAPACITY>;

/// The effect of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The text or the cursor changed.
    Edited,
    /// Nothing changed: the line is full, the cursor cannot move, or the key is unknown.
    Refused,
    /// The line is finished; the editor holds an empty one.
    Entered(Text),
    /// Escape.
    Left,
}

/// The line that is edited, and the history.
#[derive(Clone, Debug, Default)]
pub struct LineEditor {
    text: Text,
    cursor: usize,
    history: Deque<Text, HISTORY>,
    /// The age of the line in the history that is shown; 0 is the new line.
    recalled: usize,
    /// The new line, while an older one is shown.
    draft: Text,
}

impl LineEditor {
    /// Creates an editor with an empty line and an empty history.
    pub const fn new() -> LineEditor {
        LineEditor {
            text: Text::new(),
            cursor: 0,
            history: Deque::new(),
            recalled: 0,
            draft: Text::new(),
        }
    }

    /// Returns the text of the line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of characters before the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Handles a key. Letters with Control have the effect that they have in Emacs and most shells.
    pub fn take(&mut self, key: Key) -> Edit {
        let (cursor, end) = (self.cursor, self.text.len());
        let changed = match key {
            Key::Enter => return Edit::Entered(self.enter()),
            Key::Escape => return Edit::Left,
            Key::Space => self.insert(' '),
            Key::Character(character) => self.insert(character),
            Key::Left | Key::Control('b') => self.move_to(cursor.checked_sub(1)),
            Key::Right | Key::Control('f') => self.move_to(Some(cursor + 1)),
            Key::Home | Key::Control('a') => self.move_to(Some(0)),
            Key::End | Key::Control('e') => self.move_to(Some(end)),
            Key::Backspace => cursor > 0 && self.remove(cursor - 1, cursor),
            Key::Delete | Key::Control('d') => cursor < end && self.remove(cursor, cursor + 1),
            Key::Control('k') => self.remove(cursor, end),
            Key::Control('u') => self.remove(0, cursor),
            Key::Control('w') => self.remove(self.word_start(), cursor),
            Key::Control('c') => self.remove(0, end),
            Key::Up | Key::Control('p') => self.recall(Some(self.recalled + 1)),
            Key::Down | Key::Control('n') => self.recall(self.recalled.checked_sub(1)),
            Key::Tab | Key::PageUp | Key::PageDown | Key::Control(_) => false,
        };
        if changed { Edit::Edited } else { Edit::Refused }
    }

    /// Clears the line, and keeps the history.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
        self.recalled = 0;
    }

    fn insert(&mut self, character: char) -> bool {
        let fits =
            matches!(character, ' '..='~') && self.text.insert(self.cursor, character).is_ok();
        self.cursor += usize::from(fits);
        fits
    }

    fn move_to(&mut self, cursor: Option<usize>) -> bool {
        match cursor {
            Some(cursor) if cursor <= self.text.len() => {
                self.cursor = cursor;
                true
            }
            _ => false,
        }
    }

    fn remove(&mut self, start: usize, end: usize) -> bool {
        self.text.drain(start..end);
        self.cursor = start;
        start < end
    }

    /// Returns the start of the word before the cursor.
    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.rfind(' ').map_or(0, |space| space + 1)
    }

    /// Shows a line of the history.
    fn recall(&mut self, ago: Option<usize>) -> bool {
        let Some(ago) = ago.filter(|&ago| ago <= self.history.len()) else {
            return false;
        };
        if self.recalled == 0 {
            self.draft = self.text.clone();
        }
        self.text = match ago {
            0 => self.draft.clone(),
            _ => self
                .history
                .iter()
                .rev()
                .nth(ago - 1)
                .cloned()
                .unwrap_or_default(),
        };
        self.recalled = ago;
        self.cursor = self.text.len();
        true
    }

    /// Completes the line, and adds it to the history unless it is empty or repeats the last one.
    fn enter(&mut self) -> Text {
        let line = core::mem::take(&mut self.text);
        self.clear();
        if !line.trim().is_empty() && self.history.back() != Some(&line) {
            if self.history.is_full() {
                self.history.pop_front();
            }
            // The line above made room.
            let _ = self.history.push_back(line.clone());
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(editor: &mut LineEditor, text: &str) {
        for character in text.chars() {
            editor.take(Key::from_character(character));
        }
    }

    /// Returns the line after these keys, with a bar for the cursor.
    fn after(text: &str, keys: &[Key]) -> std::string::String {
        let mut editor = LineEditor::new();
        typed(&mut editor, text);
        for &key in keys {
            editor.take(key);
        }
        let mut shown = std::string::String::from(editor.text());
        shown.insert(editor.cursor(), '|');
        shown
    }

    #[test]
    fn keys_edit_where_the_cursor_is() {
        use Key::*;
        let cases: [(&[Key], &str); 15] = [
            (&[], "free a1 b2|"),
            (&[Left, Left, Character('x')], "free a1 x|b2"),
            (&[Home, Delete], "|ree a1 b2"),
            (&[Home, Right, Right, Backspace], "f|ee a1 b2"),
            (&[Left, Left, End, Backspace], "free a1 b|"),
            (&[Control('a'), Control('e'), Control('b')], "free a1 b|2"),
            (&[Left, Left, Control('k')], "free a1 |"),
            (&[Left, Left, Control('u')], "|b2"),
            (&[Control('w')], "free a1 |"),
            (&[Control('w'), Control('w')], "free |"),
            (&[Left, Control('w')], "free a1 |2"),
            (&[Control('c')], "|"),
            (&[Home, Left, Backspace, Control('w')], "|free a1 b2"),
            (&[Right, Delete, Tab, Down, Character('é')], "free a1 b2|"),
            (&[Home, Control('f'), Control('d'), Space], "f |ee a1 b2"),
        ];
        for (keys, expected) in cases {
            assert_eq!(after("free a1 b2", keys), expected, "{keys:?}");
        }
    }

    #[test]
    fn upper_case_stays() {
        assert_eq!(after("Heap", &[]), "Heap|");
    }

    #[test]
    fn keys_without_an_effect_are_refused() {
        let mut editor = LineEditor::new();
        for key in [
            Key::Left,
            Key::Right,
            Key::Backspace,
            Key::Delete,
            Key::Up,
            Key::Down,
            Key::Tab,
        ] {
            assert_eq!(editor.take(key), Edit::Refused, "{key:?}");
        }
        typed(&mut editor, &"x".repeat(CAPACITY));
        assert_eq!(editor.take(Key::Character('y')), Edit::Refused);
        assert_eq!(editor.text().len(), CAPACITY);
    }

    #[test]
    fn lines_come_back_and_the_draft_is_kept() {
        let mut editor = LineEditor::new();
        for line in ["one", "two", "two", "  ", "three"] {
            typed(&mut editor, line);
            assert!(matches!(editor.take(Key::Enter), Edit::Entered(text) if text == line));
            assert_eq!((editor.text(), editor.cursor()), ("", 0));
        }
        typed(&mut editor, "draft");
        let mut shown = |key| {
            editor.take(key);
            editor.text().to_owned()
        };
        let up: Vec<_> = (0..4).map(|_| shown(Key::Up)).collect();
        assert_eq!(up, ["three", "two", "one", "one"]);
        let down: Vec<_> = (0..4).map(|_| shown(Key::Down)).collect();
        assert_eq!(down, ["two", "three", "draft", "draft"]);
    }

    #[test]
    fn the_oldest_line_is_forgotten() {
        let mut editor = LineEditor::new();
        for number in 0..HISTORY + 3 {
            typed(&mut editor, &number.to_string());
            editor.take(Key::Enter);
        }
        for _ in 0..HISTORY + 3 {
            editor.take(Key::Up);
        }
        assert_eq!(editor.text(), "3");
    }

    proptest! {
        /// The editor compared with a vector of characters and an index.
        #[test]
        fn agrees_with_a_vector(keys in prop::collection::vec(0_u8..9, 0..crate::testing::steps(300))) {
            let mut editor = LineEditor::new();
            let (mut model, mut at) = (Vec::new(), 0);
            for key in keys {
                match key {
                    0..4 => {
                        let character = char::from(b'a' + key);
                        editor.take(Key::Character(character));
                        if model.len() < CAPACITY {
                            model.insert(at, character);
                            at += 1;
                        }
                    }
                    4 => { editor.take(Key::Left); at = at.saturating_sub(1); }
                    5 => { editor.take(Key::Right); at = (at + 1).min(model.len()); }
                    6 => { editor.take(Key::Backspace); if at > 0 { at -= 1; model.remove(at); } }
                    7 => { editor.take(Key::Delete); if at < model.len() { model.remove(at); } }
                    _ => { editor.take(Key::Control('k')); model.truncate(at); }
                }
                let text: std::string::String = model.iter().collect();
                prop_assert_eq!((editor.text(), editor.cursor()), (text.as_str(), at));
            }
        }
    }
}
