//! Files and functions that may be longer than others, each with its reason. The check fails for an
//! exception that is no longer needed.

/// File and reason.
pub const LONG_FILES: &[(&str, &str)] = &[];

/// File, function and reason.
pub const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[
    (
        "mm/src/frame/tests/model.rs",
        "step",
        "one arm for each operation of the allocator and its naive model",
    ),
    (
        "mm/src/heap/tests/steps.rs",
        "step",
        "one arm for each operation of the heap and its naive model",
    ),
];
