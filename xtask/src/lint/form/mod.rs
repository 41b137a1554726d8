//! The form of the source: lengths of files and functions, columns, white space, words,
//! capacities.
//!
//! The files are those that git knows, without built and ignored files.

mod columns;
mod editorconfig;
mod files;
mod functions;
mod lengths;
mod limits;
#[cfg(test)]
mod tests;
mod words;

use anyhow::{Result, ensure};

use super::exceptions::{LONG_FILES, LONG_FUNCTIONS};

/// Checks that Rust files have at most 400 lines, and functions at most 60.
pub fn lengths() -> Result<()> {
    let files = files::texts()?;
    let mut wrong = lengths::files(&files, LONG_FILES);
    wrong.extend(functions::long(&files, LONG_FUNCTIONS)?);
    verdict(&wrong)
}

/// Checks that comments end at column 100.
pub fn columns() -> Result<()> {
    verdict(&columns::wide_comments(&files::texts()?))
}

/// Checks white space against `.editorconfig`.
pub fn editorconfig() -> Result<()> {
    verdict(&editorconfig::violations(&files::texts()?)?)
}

/// Checks that words are those of the project, and that sentences are short.
pub fn words() -> Result<()> {
    let files = files::texts()?;
    let mut wrong = words::banned(&files);
    wrong.extend(words::long_sentences(&files));
    verdict(&wrong)
}

/// Checks that every capacity is in the page of limits.
pub fn limits() -> Result<()> {
    let texts = files::texts()?;
    let page = texts.iter().find(|text| text.path == limits::PAGE);
    let page = page.map_or("", |text| text.text.as_str());
    verdict(&limits::wrong(&texts, page)?)
}

fn verdict(wrong: &[String]) -> Result<()> {
    ensure!(
        wrong.is_empty(),
        "{} places\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}
