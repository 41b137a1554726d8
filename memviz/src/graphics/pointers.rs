//! The numbered pointers of a caption: numbers that the viewer shall find in the figure.
//!
//! ```text
//! "copies this frame, ①0xf8fd000, to ②0xfdbb000."  ──►  ① 0xf8fd000   ② 0xfdbb000
//! ```
//! A mark stands directly before a number. [`Places`](super::places::Places) finds where the figure
//! shows the number, so a pointer cannot point at anything else.

use crate::graphics::charset;
use heapless::Vec;

/// The marks in captions, in order.
pub const MARKS: [char; 3] = ['①', '②', '③'];

/// The longest number in characters. A longer one is not pointed at.
const CHARACTERS: usize = 24;

/// A number, as cells of an atlas.
type Cells = Vec<u8, CHARACTERS>;

/// The numbers that a caption points at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointers {
    targets: [Cells; MARKS.len()],
}

impl Pointers {
    /// Returns the pointers of these words.
    pub fn of(words: &str) -> Pointers {
        let target = |mark: char| {
            let (_, after) = words.split_once(mark)?;
            let end = after.find(|character: char| !is_part(character));
            let number = after[..end.unwrap_or(after.len())].trim_end_matches(['.', ',']);
            let mut cells = Cells::new();
            for part in number.chars() {
                cells.push(charset::cell(part) as u8).ok()?;
            }
            Some(cells)
        };
        Pointers {
            targets: MARKS.map(|mark| target(mark).unwrap_or_default()),
        }
    }

    /// Returns whether the caption points at nothing.
    pub fn is_empty(&self) -> bool {
        self.targets.iter().all(Vec::is_empty)
    }

    /// Returns each index of [`MARKS`] that is in the caption, with the number as cells.
    pub fn targets(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let targets = self.targets.iter().map(Vec::as_slice).enumerate();
        targets.filter(|(_, target)| !target.is_empty())
    }
}

/// Returns whether a character can be a part of a number.
fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || ".,".contains(character)
}

/// Returns the first place of a number in a line of cells: as a whole, not within another number.
pub fn position(line: &[u8], number: &[u8]) -> Option<usize> {
    let character = |cell: u8| charset::characters().nth(cell.into()).unwrap_or(' ');
    let is_digit = |at: usize| {
        line.get(at)
            .is_some_and(|&cell| character(cell).is_ascii_alphanumeric())
    };
    let is_point = |at: usize| {
        line.get(at)
            .is_some_and(|&cell| ".,".contains(character(cell)))
    };
    line.windows(number.len())
        .enumerate()
        .find_map(|(start, window)| {
            let end = start + number.len();
            let follows = start > 0 && (is_digit(start - 1) || is_point(start - 1));
            let goes_on = is_digit(end) || is_point(end) && is_digit(end + 1);
            (window == number && !follows && !goes_on).then_some(start)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> std::vec::Vec<u8> {
        text.chars().map(|part| charset::cell(part) as u8).collect()
    }

    #[test]
    fn a_mark_names_the_number_after_it() {
        let pointers = Pointers::of("It copies ①0xf8fd000, to ②4,096. ③ is not before a number.");
        let targets: std::vec::Vec<_> = pointers.targets().collect();
        assert_eq!(targets, [(0, &*cells("0xf8fd000")), (1, &*cells("4,096"))]);
        assert!(Pointers::of("No mark: 12.").is_empty());
    }

    #[test]
    fn a_number_is_found_as_a_whole() {
        let found = |line: &str| position(&cells(line), &cells("12"));
        assert_eq!(found("at 12, 13"), Some(3));
        assert_eq!(found("12."), Some(0));
        for other in ["112", "0x12", "121", "12.5", "1,12", "3.12", ""] {
            assert_eq!(found(other), None, "{other}");
        }
        assert_eq!(found("112 12"), Some(4));
    }
}
