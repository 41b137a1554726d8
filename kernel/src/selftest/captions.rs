//! Tests of the captions that are stored for the past.

use super::test::{Outcome, Test, check};
use crate::lessons::words::{self, Notes, StoredCaption};

pub const LONG: &[Test] = &[Test {
    name: "limits: captions keep their words after the last serial number",
    run: captions_again,
}];

fn captions_again() -> Outcome {
    let texts = ["the last", "the first"];
    let before = words::set_next_for_test(u16::MAX);
    let serials = texts.map(|text| {
        words::store(StoredCaption {
            words: words::fill(text, &Notes::new()),
            question: None,
            selection: None,
            zoom: None,
        })
    });
    let found = serials.map(words::stored);
    words::set_next_for_test(before);
    check!(serials == [u16::MAX, 0], "{serials:?}");
    for (text, found) in texts.iter().zip(&found) {
        let is_found = found
            .as_ref()
            .is_some_and(|caption| caption.words.as_str() == *text);
        check!(is_found, "{text}: other words, or none");
    }
    Ok(())
}
