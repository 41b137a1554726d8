//! Lengths of files: one idea a file needs few lines.

use super::files::Text;

/// Lines of a file of Rust.
const LINES: usize = 400;

/// Returns files that are too long, and exceptions that are not needed.
pub fn files(texts: &[Text], exceptions: &[(&str, &str)]) -> Vec<String> {
    let is_excepted = |path: &str| exceptions.iter().any(|(excepted, _)| *excepted == path);
    let long = |text: &&Text| text.is_rust() && text.text.lines().count() > LINES;
    let too_long = texts
        .iter()
        .filter(long)
        .filter(|text| !is_excepted(&text.path))
        .map(|text| {
            let lines = text.text.lines().count();
            format!("{}: {lines} lines, {LINES} are allowed", text.path)
        });
    let unneeded = exceptions
        .iter()
        .filter(|(path, _)| !texts.iter().filter(long).any(|text| text.path == *path))
        .map(|(path, _)| format!("{path} needs no exception"));
    too_long.chain(unneeded).collect()
}
