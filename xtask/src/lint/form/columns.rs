//! Comments end at column 100, where rustfmt breaks code. Columns are characters, not bytes.
//!
//! A picture in a fenced block of a doc comment may be wider, because it cannot be wrapped.

use super::files::Text;

const COLUMNS: usize = 100;
/// The width of a picture.
const PICTURE_COLUMNS: usize = 125;

/// Returns the comments that are too wide, in Rust and in the files whose comments begin with `#`.
pub fn wide_comments(texts: &[Text]) -> Vec<String> {
    let mut wrong = Vec::new();
    for text in texts {
        let mark = match text.path.rsplit(['.', '/']).next() {
            Some("rs") => "//",
            Some("toml" | "conf" | "sh" | "Justfile" | "run" | "editorconfig" | "gitignore") => "#",
            _ => continue,
        };
        let mut in_picture = false;
        for (line, number) in text.text.lines().zip(1..) {
            let width = line.chars().count();
            let doc = line.trim_start();
            in_picture &= doc.starts_with("//");
            in_picture ^= doc.starts_with("//! ```") || doc.starts_with("/// ```");
            let limit = if in_picture { PICTURE_COLUMNS } else { COLUMNS };
            if width > limit && has_comment(line, mark) {
                wrong.push(format!("{}:{number}: {width} columns", text.path));
            }
        }
    }
    wrong
}

/// Returns whether the line is a comment, or ends in one. A mark inside a string is followed by a
/// quote.
fn has_comment(line: &str, mark: &str) -> bool {
    let trailing = || {
        line.rsplit_once(&format!(" {mark} "))
            .is_some_and(|(_, rest)| !rest.contains('"'))
    };
    line.trim_start().starts_with(mark) || trailing()
}
