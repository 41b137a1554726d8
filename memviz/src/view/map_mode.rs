//! The views of the frame map: which property of each frame its colours show.

use serde::{Deserialize, Serialize};

/// A view of the frame map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MapMode {
    /// Free, used, reserved at boot, or not usable.
    State,
    /// How often each frame was used recently.
    Heat,
    /// The owner of each frame.
    #[default]
    Tags,
    /// The reference count of each frame.
    References,
}

impl MapMode {
    /// All views, in the order of their keys.
    pub const ALL: [MapMode; 4] = [
        MapMode::State,
        MapMode::Heat,
        MapMode::Tags,
        MapMode::References,
    ];

    /// Returns key and name.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            MapMode::State => ("1", "state"),
            MapMode::Heat => ("2", "heat"),
            MapMode::Tags => ("3", "tags"),
            MapMode::References => ("4", "refs"),
        }
    }
}
