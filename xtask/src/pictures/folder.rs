//! The folder of the project's pictures, `screenshots/`.

use std::path::PathBuf;

use crate::build;
use crate::serial::LAST_PICTURE;

pub fn folder() -> PathBuf {
    build::root().join("screenshots")
}

/// Returns the default path for a picture of a run: beside the scenes, named after lesson, step and
/// time. Git ignores these names.
pub fn path(picture: &str) -> PathBuf {
    let moment = picture.strip_prefix(LAST_PICTURE).unwrap_or(picture);
    folder().join(format!("{moment}.png"))
}
