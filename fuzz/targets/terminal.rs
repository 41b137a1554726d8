//! Any text: the rows of the terminal are the last rows of what it keeps.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use memviz::graphics::charset;
use memviz::view::terminal::{MOST_COLUMNS, ROOM, Terminal};

#[derive(Debug, Arbitrary)]
struct Input {
    /// Lines, each written this many times.
    lines: Vec<(String, u16)>,
    columns: usize,
    rows: u16,
}

/// The rows of the last characters that there is room for, the newest first, as cells of the
/// glyph atlas.
fn rows(text: &str, columns: usize) -> Vec<Vec<u8>> {
    let characters: Vec<char> = text.chars().collect();
    let kept = &characters[characters.len().saturating_sub(ROOM)..];
    let cell = |character: &char| charset::cell(*character) as u8;
    let row = |row: &[char]| row.iter().map(cell).collect();
    let mut rows = Vec::new();
    for line in kept.split_inclusive(|character| *character == '\n') {
        match &line[..line.len() - 1] {
            [] => rows.push(Vec::new()),
            line => rows.extend(line.chunks(columns).map(row)),
        }
    }
    rows.reverse();
    rows
}

fuzz_target!(|input: Input| {
    let mut terminal = Box::new(Terminal::new("> "));
    let mut whole = String::new();
    for (line, times) in &input.lines {
        let line = format!("{line}\n");
        for _ in 0..usize::from(*times).min(2 * ROOM / line.len()) {
            terminal.write(format_args!("{line}"));
            whole.push_str(&line);
        }
    }
    let (mut found, most) = (Vec::new(), usize::from(input.rows).max(1));
    terminal.rows(input.columns, |_, cells| {
        found.push(cells.to_vec());
        found.len() < most
    });
    let mut expected = rows(&whole, input.columns.clamp(1, MOST_COLUMNS));
    expected.truncate(most);
    assert_eq!(found, expected);
});
