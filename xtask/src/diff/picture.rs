//! The frames that differ, as a map in SVG.
//!
//! ```text
//! A  run.trace at …          ■ came   □ went   ◪ changed   ■ the same   · free
//! B  run.trace at …
//! ┌─────────────┐
//! │■■□·········◪│   a cell is one frame, or several
//! └─────────────┘
//! ```
//! The marks differ in colour and in form, so that a print without colours is readable.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::difference::Difference;
use super::state::{Key, Kind, State};
use crate::html::Escaped;
use crate::numbers::grouped;

/// The most cells.
const CELLS: u64 = 16_384;
const COLUMNS: u64 = 128;
const CELL: u64 = 7;
const MARGIN: u64 = 24;
/// The height of the text above the map.
const HEAD: u64 = 170;

/// The state of a cell; the first one that any of its frames has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Changed,
    Came,
    Went,
    Same,
    Free,
}

impl Mark {
    fn words(self) -> &'static str {
        match self {
            Mark::Changed => "changed",
            Mark::Came => "came",
            Mark::Went => "went",
            Mark::Same => "the same",
            Mark::Free => "free",
        }
    }

    /// Appends the cell at this position.
    fn draw(self, svg: &mut String, x: u64, y: u64) {
        let side = CELL - 1;
        let square = format!("M{x} {y}h{side}v{side}h-{side}z");
        let _ = match self {
            Mark::Came => writeln!(svg, "<path d=\"{square}\" fill=\"#009e73\"/>"),
            Mark::Went => writeln!(
                svg,
                "<path d=\"{square}\" fill=\"none\" stroke=\"#d55e00\" stroke-width=\"1.5\"/>"
            ),
            Mark::Changed => writeln!(
                svg,
                "<path d=\"M{x} {y}h{side}l-{side} {side}z\" fill=\"#0072b2\"/>"
            ),
            Mark::Same => writeln!(svg, "<path d=\"{square}\" fill=\"#cccccc\"/>"),
            Mark::Free => Ok(()),
        };
    }
}

/// Returns the picture as an SVG document.
pub fn svg(a: &State, b: &State, differences: &[Difference]) -> String {
    let frames = a.frame_count.max(b.frame_count).max(1);
    let frames_of_cell = frames.div_ceil(CELLS).next_power_of_two();
    let cells = frames.div_ceil(frames_of_cell);
    let rows = cells.div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * CELL + 2 * MARGIN, HEAD + rows * CELL + MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    head(&mut svg, a, b, differences, frames_of_cell);
    let _ = writeln!(
        svg,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#777777\"/>",
        MARGIN - 1,
        HEAD - 1,
        COLUMNS * CELL + 1,
        rows * CELL + 1
    );
    let marks = Marks::new(a, b, frames_of_cell);
    for cell in 0..cells {
        let (x, y) = (cell % COLUMNS, cell / COLUMNS);
        marks
            .of(cell)
            .draw(&mut svg, MARGIN + x * CELL, HEAD + y * CELL);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Appends the moments, the counts and the legend.
fn head(svg: &mut String, a: &State, b: &State, differences: &[Difference], frames: u64) {
    let mut text = |x: u64, y: u64, words: &str| {
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{}</text>", Escaped(words));
    };
    text(MARGIN, 24, &format!("A  {}", a.moment));
    text(MARGIN, 42, &format!("B  {}", b.moment));
    for (number, difference) in (0..).zip(differences) {
        let [came, went, changed] = [
            difference.came.len(),
            difference.went.len(),
            difference.changed.len(),
        ]
        .map(|count| grouped(count as u64));
        let kind = difference.kind.words();
        let words = format!("{kind}: {came} came, {went} went, {changed} changed");
        let (column, row) = (number % 2, number / 2);
        text(MARGIN + column * 420, 68 + row * 18, &words);
    }
    let cell = match frames {
        1 => "a cell is a frame of 4 KiB".into(),
        _ => format!("a cell is {} frames of 4 KiB", grouped(frames)),
    };
    text(MARGIN, 130, &format!("Frames by address, {cell}"));
    let marks = [
        Mark::Came,
        Mark::Went,
        Mark::Changed,
        Mark::Same,
        Mark::Free,
    ];
    for (number, mark) in (0..).zip(marks) {
        let x = MARGIN + number * 120;
        mark.draw(svg, x, 145);
        let words = mark.words();
        let _ = writeln!(svg, "<text x=\"{}\" y=\"153\">{words}</text>", x + 14);
    }
}

/// The cells with each mark.
struct Marks([(Mark, BTreeSet<u64>); 4]);

impl Marks {
    fn new(a: &State, b: &State, frames_of_cell: u64) -> Marks {
        let (a, b) = (a.of(Kind::Frames), b.of(Kind::Frames));
        let cell = |key: &Key| key[0] / 4096 / frames_of_cell;
        let only_in = |one: &super::state::Objects, other: &super::state::Objects| {
            let missing = one.keys().filter(|key| !other.contains_key(*key));
            missing.map(cell).collect::<BTreeSet<u64>>()
        };
        let in_both = |same: bool| {
            let both = a.iter().filter(|(key, from)| {
                let to = b.get(*key);
                to.is_some_and(|to| (to == *from) == same)
            });
            both.map(|(key, _)| cell(key)).collect()
        };
        Marks([
            (Mark::Changed, in_both(false)),
            (Mark::Came, only_in(b, a)),
            (Mark::Went, only_in(a, b)),
            (Mark::Same, in_both(true)),
        ])
    }

    /// Returns the mark of a cell.
    fn of(&self, cell: u64) -> Mark {
        let found = self.0.iter().find(|(_, cells)| cells.contains(&cell));
        found.map_or(Mark::Free, |(mark, _)| *mark)
    }
}
