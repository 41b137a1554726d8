//! The folder of the project's pictures, `screenshots/`.

use std::path::PathBuf;

use crate::build;
use crate::serial::LAST_PICTURE;

pub fn folder() -> PathBuf {
    build::root().join("screenshots")
}

/// Where the picture of a run goes when nobody says where: beside the scenes, under a name that
/// says lesson, step and time, which the repository ignores.
pub fn path(picture: &str) -> PathBuf {
    let moment = picture.strip_prefix(LAST_PICTURE).unwrap_or(picture);
    folder().join(format!("{moment}.png"))
}
