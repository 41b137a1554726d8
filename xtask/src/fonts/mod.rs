//! `cargo xtask fonts`: makes the glyph atlases under `fonts/` again.
//!
//! ```text
//! JetBrains Mono ──► cells   a BMP for each weight and size, all glyphs in equal cells
//! Inter          ──► faces   a file for each face and size, each glyph as wide as its advance
//! ```
//! The same font files give the same bytes.

mod cells;
mod faces;
mod source;

use std::path::Path;

use source::FontError;

/// Makes every atlas in `folder` (the workspace's `fonts/`).
pub fn make(folder: &Path) -> Result<(), FontError> {
    cells::make(folder)?;
    faces::make(folder)
}
