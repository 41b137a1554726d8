//! Reading a font file, drawing a glyph, and writing an atlas.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use swash::scale::{Render, ScaleContext, Source};
use swash::zeno::{Format, Placement};
use swash::{FontRef, GlyphId};

use crate::files;

/// The reason why the atlases could not be made.
#[derive(Debug)]
pub enum FontError {
    /// The font package is not installed.
    Read(PathBuf, std::io::Error),
    /// The file is not a font.
    NotAFont(PathBuf),
    /// The font has no glyph for this character of the character set.
    NoGlyph(char),
    /// The atlas could not be written.
    Write(anyhow::Error),
}

impl fmt::Display for FontError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FontError::Read(path, error) => write!(
                f,
                "cannot read {}: {error}; try `apt-get install fonts-jetbrains-mono fonts-inter`",
                path.display()
            ),
            FontError::NotAFont(path) => write!(f, "{} is not a font", path.display()),
            FontError::NoGlyph(character) => write!(
                f,
                "the font has no {character:?} (U+{:04X}): take it out of memviz/src/graphics/charset.rs",
                *character as u32
            ),
            FontError::Write(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for FontError {}

/// Returns the bytes of a font file.
pub fn read(path: &Path) -> Result<Vec<u8>, FontError> {
    fs::read(path).map_err(|error| FontError::Read(path.to_path_buf(), error))
}

/// Returns the font in these bytes of a file.
pub fn parse<'b>(bytes: &'b [u8], path: &Path) -> Result<FontRef<'b>, FontError> {
    FontRef::from_index(bytes, 0).ok_or_else(|| FontError::NotAFont(path.to_path_buf()))
}

/// Draws a glyph: coverage 0 to 255, and its position relative to the pen on the baseline.
pub fn rasterise(font: FontRef, glyph: GlyphId, em: f32) -> (Placement, Vec<u8>) {
    let mut context = ScaleContext::new();
    let mut scaler = context.builder(font).size(em).hint(true).build();
    Render::new(&[Source::Outline])
        .format(Format::Alpha)
        .render(&mut scaler, glyph)
        .map(|image| (image.placement, image.data))
        .unwrap_or_default()
}

/// Returns the nearest of 16 levels.
pub fn level(coverage: u8) -> u8 {
    ((u16::from(coverage) + 8) / 17) as u8
}

/// Writes an atlas.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FontError> {
    files::replace_with(path, bytes).map_err(FontError::Write)
}
