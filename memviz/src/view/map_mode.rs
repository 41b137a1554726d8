//! The views of the frame map: which property of each frame its colours show.

/// What the frame map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapMode {
    /// Free, used, taken for good, or no usable memory.
    State,
    /// How much each frame was used.
    Heat,
    /// Whose each frame is.
    #[default]
    Tags,
    /// How many references each frame has.
    References,
}

impl MapMode {
    /// All, in the order of their keys.
    pub const ALL: [MapMode; 4] = [
        MapMode::State,
        MapMode::Heat,
        MapMode::Tags,
        MapMode::References,
    ];

    /// Key and name.
    pub const fn label(self) -> (char, &'static str) {
        match self {
            MapMode::State => ('1', "state"),
            MapMode::Heat => ('2', "heat"),
            MapMode::Tags => ('3', "tags"),
            MapMode::References => ('4', "refs"),
        }
    }
}
