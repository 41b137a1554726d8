//! In the place of the tests of the picture, in a kernel that makes none.

use crate::dashboard::Live;

/// Has nothing to add.
pub fn run(_: Option<&mut Live>) -> bool {
    log::info!("- picture: skipped: this kernel was built without the dashboard");
    true
}

/// Has nothing to measure.
pub fn bench(live: Option<&mut Live>) -> bool {
    run(live)
}
