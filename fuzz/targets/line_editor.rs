//! Any keys: the line editor does what a list of characters with an index does.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use memviz::input::keys::Key;
use memviz::input::line_editor::{CAPACITY, Edit, HISTORY, LineEditor};

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Press {
    /// A byte of the serial line.
    Byte(u8),
    Character(char),
    /// A key that has a name.
    Named(u8),
}

impl Press {
    fn key(self) -> Key {
        match self {
            Press::Byte(byte) => Key::from_character(byte.into()),
            Press::Character(character) => Key::from_character(character),
            Press::Named(number) => Key::NAMES[usize::from(number) % Key::NAMES.len()].1,
        }
    }
}

/// The plainest editor.
#[derive(Default)]
struct Model {
    text: Vec<char>,
    cursor: usize,
    /// The last lines, the oldest first.
    history: Vec<Vec<char>>,
    /// How many lines back the shown text is from; 0 is the draft.
    recalled: usize,
    draft: Vec<char>,
}

impl Model {
    fn press(&mut self, key: Key) {
        let end = self.text.len();
        match key {
            Key::Space => self.insert(' '),
            Key::Character(character) => self.insert(character),
            Key::Left | Key::Control('b') => self.cursor = self.cursor.saturating_sub(1),
            Key::Right | Key::Control('f') => self.cursor = end.min(self.cursor + 1),
            Key::Home | Key::Control('a') => self.cursor = 0,
            Key::End | Key::Control('e') => self.cursor = end,
            Key::Backspace => self.remove(self.cursor.saturating_sub(1), self.cursor),
            Key::Delete | Key::Control('d') => self.remove(self.cursor, end.min(self.cursor + 1)),
            Key::Control('k') => self.remove(self.cursor, end),
            Key::Control('u') => self.remove(0, self.cursor),
            Key::Control('w') => self.remove(self.word(), self.cursor),
            Key::Control('c') => self.remove(0, end),
            Key::Up | Key::Control('p') => self.recall(self.recalled + 1),
            Key::Down | Key::Control('n') if self.recalled > 0 => self.recall(self.recalled - 1),
            Key::Enter => self.enter(),
            _ => {}
        }
    }

    fn insert(&mut self, character: char) {
        if (' '..='~').contains(&character) && self.text.len() < CAPACITY {
            self.text.insert(self.cursor, character);
            self.cursor += 1;
        }
    }

    fn remove(&mut self, start: usize, end: usize) {
        self.text.drain(start..end);
        self.cursor = start;
    }

    /// The start of the word before the cursor.
    fn word(&self) -> usize {
        let mut at = self.cursor;
        while at > 0 && self.text[at - 1] == ' ' {
            at -= 1;
        }
        while at > 0 && self.text[at - 1] != ' ' {
            at -= 1;
        }
        at
    }

    fn recall(&mut self, ago: usize) {
        if ago > self.history.len() {
            return;
        }
        if self.recalled == 0 {
            self.draft = self.text.clone();
        }
        self.text = match ago {
            0 => self.draft.clone(),
            ago => self.history[self.history.len() - ago].clone(),
        };
        self.recalled = ago;
        self.cursor = self.text.len();
    }

    fn enter(&mut self) {
        let line = std::mem::take(&mut self.text);
        let says_something = line.iter().any(|character| *character != ' ');
        if says_something && self.history.last() != Some(&line) {
            self.history.push(line);
            let excess = self.history.len().saturating_sub(HISTORY);
            self.history.drain(..excess);
        }
        (self.cursor, self.recalled) = (0, 0);
    }
}

fuzz_target!(|presses: Vec<Press>| {
    let (mut editor, mut model) = (LineEditor::new(), Model::default());
    for press in presses {
        let key = press.key();
        let before: String = model.text.iter().collect();
        let edit = editor.take(key);
        model.press(key);
        let text: String = model.text.iter().collect();
        assert_eq!(
            (editor.text(), editor.cursor()),
            (text.as_str(), model.cursor),
            "{key:?}"
        );
        match edit {
            Edit::Entered(line) => assert_eq!((key, line.as_str()), (Key::Enter, before.as_str())),
            Edit::Refused => assert_eq!(text, before),
            Edit::Edited | Edit::Left => {}
        }
    }
});
