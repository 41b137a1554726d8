//! The text of the terminal: the output of the shell, and the line that the user types.
//!
//! ```text
//! write(lines) ─► ring of cells: … m e m s t a t ↵ f r e e ↵ …      the oldest are overwritten
//! set_line(prompt, text, cursor)                                     is shown below them
//! ```
//! A character is stored as its cell of the glyph atlas, in one byte, so a row of the screen is a
//! slice. Nothing is allocated. Invariant: a written line ends with [`END`]; the start of the
//! oldest line may be overwritten.

use crate::graphics::charset;
use crate::input::line_editor;
use core::fmt::{self, Write};
use core::ops::Range;
use heapless::String;

/// The capacity in characters.
pub const ROOM: usize = 32 << 10;
/// Ends a line. No character has this cell.
const END: u8 = 0xff;
const _: () = assert!(charset::CELLS <= END as usize);
/// The maximum width of a row in characters.
pub const MOST_COLUMNS: usize = 320;
/// The maximum length of the prompt in characters.
const PROMPT: usize = 16;

/// The origin of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// A line that the user entered.
    Person,
    /// The output of a command.
    Answer,
    /// The kernel's log: `[MM] …`.
    Log,
    /// A warning or an error in the log.
    Alarm,
}

/// The line that the user types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The prompt, and the text after it.
    pub text: String<{ PROMPT + line_editor::CAPACITY }>,
    /// The index of the character under the cursor.
    pub cursor: usize,
}

/// The written lines, and the line that the user types.
#[derive(Debug)]
pub struct Terminal {
    cells: [u8; ROOM],
    /// The number of cells written so far. Cell `n` is at index `n % ROOM`.
    written: u64,
    prompt: &'static str,
    line: Line,
}

impl Terminal {
    /// Creates an empty terminal. The prompt has at most 16 characters.
    pub const fn new(prompt: &'static str) -> Terminal {
        Terminal {
            cells: [0; ROOM],
            written: 0,
            prompt,
            line: Line {
                text: String::new(),
                cursor: 0,
            },
        }
    }

    /// Appends whole lines.
    pub fn write(&mut self, lines: fmt::Arguments<'_>) {
        // Writing never fails.
        let _ = self.write_fmt(lines);
    }

    /// Returns the number of characters written so far, which changes with the text.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Returns the cells after the first `written`, without evicted ones: in order, in two parts.
    pub fn cells_since(&self, written: u64) -> [&[u8]; 2] {
        let from = written.max(self.written.saturating_sub(ROOM as u64));
        let count = self.written.saturating_sub(from) as usize;
        let start = from as usize % ROOM;
        let first = count.min(ROOM - start);
        [
            &self.cells[start..start + first],
            &self.cells[..count - first],
        ]
    }

    /// Appends cells from [`Terminal::cells_since`] of another terminal.
    pub fn append_cells(&mut self, cells: &[u8]) {
        for &cell in cells {
            self.cells[self.written as usize % ROOM] = cell;
            self.written += 1;
        }
    }

    /// Sets the line that the user types.
    pub fn set_line(&mut self, text: &str, cursor: usize) {
        self.line.text.clear();
        // The capacity is the sum of both maximum lengths.
        let _ = self.line.text.push_str(self.prompt);
        let _ = self.line.text.push_str(text);
        self.line.cursor = self.prompt.len() + cursor;
    }

    /// Returns the line that the user types.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Calls `row` with the origin and the cells of each row, newest first, until it returns false.
    /// Lines are wrapped at `columns`.
    pub fn rows(&self, columns: usize, mut row: impl FnMut(Voice, &[u8]) -> bool) {
        let columns = columns.clamp(1, MOST_COLUMNS);
        let mut end = self.written;
        while let Some(line) = self.line_before(end) {
            end = line.start;
            let voice = self.voice(line.clone());
            let length = (line.end - line.start) as usize;
            for number in (0..length.div_ceil(columns).max(1)).rev() {
                let start = line.start + (number * columns) as u64;
                let cells = start..line.end.min(start + columns as u64);
                let mut buffer = [0; MOST_COLUMNS];
                let taken = &mut buffer[..(cells.end - cells.start) as usize];
                for (cell, at) in taken.iter_mut().zip(cells) {
                    *cell = self.cell(at);
                }
                if !row(voice, taken) {
                    return;
                }
            }
        }
    }

    /// Returns the line that ends right before a position, without its end mark.
    fn line_before(&self, place: u64) -> Option<Range<u64>> {
        let oldest = self.written.saturating_sub(ROOM as u64);
        let end = place.checked_sub(1).filter(|&end| end >= oldest)?;
        let mut start = end;
        while start > oldest && self.cell(start - 1) != END {
            start -= 1;
        }
        Some(start..end)
    }

    fn voice(&self, line: Range<u64>) -> Voice {
        let says = |at: u64, words: &str| {
            let cells = words.chars().map(charset::cell);
            line.end.saturating_sub(at) >= words.len() as u64
                && (at..)
                    .zip(cells)
                    .all(|(at, cell)| self.cell(at) == cell as u8)
        };
        if says(line.start, self.prompt) {
            return Voice::Person;
        }
        if !says(line.start, "[") {
            return Voice::Answer;
        }
        let mut bracket = line.clone().take(PROMPT);
        let after = bracket.find(|&at| says(at, "] ")).map(|at| at + 2);
        match after {
            Some(at) if says(at, "error: ") || says(at, "warning: ") => Voice::Alarm,
            _ => Voice::Log,
        }
    }

    fn cell(&self, place: u64) -> u8 {
        self.cells[place as usize % ROOM]
    }
}

impl Write for Terminal {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let cell = match character {
                '\n' => END,
                _ => charset::cell(character) as u8,
            };
            self.cells[self.written as usize % ROOM] = cell;
            self.written += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Returns the rows, oldest first, as text.
    fn rows(terminal: &Terminal, columns: usize, most: usize) -> Vec<std::string::String> {
        let characters: Vec<char> = charset::characters().collect();
        let mut rows = Vec::new();
        terminal.rows(columns, |_, cells| {
            rows.push(
                cells
                    .iter()
                    .map(|&cell| characters[cell as usize])
                    .collect(),
            );
            rows.len() < most
        });
        rows.reverse();
        rows
    }

    proptest! {
        /// As if everything were kept and then cut, as far as it is kept.
        #[test]
        #[cfg_attr(miri, ignore = "parses a regular expression for each line")]
        fn the_last_rows_are_those_of_the_whole_text(
            lines in vec("[a-z →]{0,90}", 0..900),
            columns in 1usize..100,
            most in 1usize..40,
        ) {
            let mut terminal = Terminal::new("> ");
            let mut expected = Vec::new();
            for line in &lines {
                terminal.write(format_args!("{line}\n"));
                let characters: Vec<char> = line.chars().collect();
                let pieces: Vec<std::string::String> = characters.chunks(columns).map(|piece| piece.iter().collect()).collect();
                expected.extend(if pieces.is_empty() { vec![std::string::String::new()] } else { pieces });
            }
            let expected = &expected[expected.len().saturating_sub(most)..];
            prop_assert_eq!(rows(&terminal, columns, most), expected);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "10,000 lines")]
    fn only_the_oldest_lines_are_evicted() {
        let mut terminal = Terminal::new("> ");
        for number in 0..10_000 {
            terminal.write(format_args!("line {number}\n"));
        }
        let rows = rows(&terminal, 80, usize::MAX);
        assert_eq!(rows.last().unwrap(), "line 9999");
        let kept: usize = rows.iter().map(|row| row.len() + 1).sum();
        assert!(kept > ROOM - 20 && kept <= ROOM, "{kept}");
    }

    #[test]
    fn everybody_has_a_voice() {
        let mut terminal = Terminal::new("memviz> ");
        let lines = [
            ("memviz> help", Voice::Person),
            ("  help   this list", Voice::Answer),
            ("", Voice::Answer),
            ("[MM] all is well", Voice::Log),
            ("[MM] error: it is not", Voice::Alarm),
            ("[machine] warning: hm", Voice::Alarm),
            ("[no end", Voice::Log),
        ];
        for (line, _) in lines {
            terminal.write(format_args!("{line}\n"));
        }
        let mut voices = Vec::new();
        terminal.rows(80, |voice, _| {
            voices.insert(0, voice);
            true
        });
        assert_eq!(voices, lines.map(|(_, voice)| voice));
    }
}
