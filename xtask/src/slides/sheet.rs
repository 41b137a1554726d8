//! A contact sheet: all slides of a lesson in one picture, a question and its answer side by side.
//!
//! ```text
//! question of step 1   answer of step 1
//! (none)               step 2
//! question of step 3   answer of step 3
//! ```

use super::slide::{Part, Slide};
use crate::pictures::Picture;

/// The approximate width of a slide on the sheet.
const WIDTH: u32 = 640;
/// Pixels between slides.
const GAP: u32 = 8;
/// The colour between slides.
const GROUND: [u8; 3] = [96, 96, 96];

/// Returns the contact sheet of at least one slide.
pub fn sheet(slides: &[Slide]) -> Option<Picture> {
    let rows = rows(slides);
    let small = |slide: &Slide| {
        let factor = (slide.picture.width / WIDTH).max(1);
        slide.picture.reduced(factor)
    };
    let first = small(slides.first()?);
    let (width, height) = (first.width + GAP, first.height + GAP);
    let mut sheet = Picture::filled(2 * width + GAP, rows.len() as u32 * height + GAP, GROUND);
    for (row, pair) in (0..).zip(&rows) {
        for (column, slide) in (0..).zip(pair) {
            if let Some(slide) = slide {
                let at = (GAP + column * width, GAP + row * height);
                sheet.paste(&small(slide), at);
            }
        }
    }
    Some(sheet)
}

/// Returns pairs of a question and an answer.
fn rows(slides: &[Slide]) -> Vec<[Option<&Slide>; 2]> {
    let mut rows: Vec<[Option<&Slide>; 2]> = Vec::new();
    for slide in slides {
        let caption = &slide.state.caption;
        match (caption.part, rows.last_mut()) {
            (Part::Question, _) => rows.push([Some(slide), None]),
            (_, Some([Some(question), answer @ None]))
                if question.state.caption.step == caption.step =>
            {
                *answer = Some(slide);
            }
            _ => rows.push([None, Some(slide)]),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::tests::slide;
    use super::*;

    #[test]
    fn a_question_stands_beside_its_answer() {
        let slides = [
            slide(1, Part::Answer, "a"),
            slide(2, Part::Question, "b"),
            slide(2, Part::Answer, "c"),
        ];
        let words = |slide: &Option<&Slide>| slide.map(|slide| slide.state.caption.words.clone());
        let rows: Vec<_> = rows(&slides)
            .iter()
            .map(|row| row.each_ref().map(words))
            .collect();
        let some = |word: &str| Some(word.to_string());
        assert_eq!(rows, [[None, some("a")], [some("b"), some("c")]]);
        let sheet = sheet(&slides).unwrap();
        assert_eq!((sheet.width, sheet.height), (26, 26));
        // The slide of step 1, a pixel of its own number, is in the second column.
        assert_eq!(sheet.pixel(17, 8), [1; 3]);
        assert_eq!(sheet.pixel(8, 17), [2; 3]);
    }
}
