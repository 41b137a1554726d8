//! Files and functions that may be longer than others, each with its reason. The check fails for an
//! exception that is no longer needed.

/// File and reason.
pub const LONG_FILES: &[(&str, &str)] = &[(
    "mm/src/event/table.rs",
    "one table: an entry for each kind of event",
)];

/// File, function and reason.
pub const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[
    (
        "memviz/src/model/heap/mod.rs",
        "try_step",
        "one arm for each kind of event",
    ),
    (
        "memviz/src/dashboard/mod.rs",
        "new",
        "one field after the other",
    ),
    (
        "memviz/examples/gallery/main.rs",
        "draw",
        "sets up a dashboard, one part after the other",
    ),
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
    (
        "memviz/examples/gallery/life.rs",
        "live",
        "draws its parts from top to bottom, each from where the last one ended",
    ),
    (
        "memviz/examples/specimen.rs",
        "draw_palette",
        "draws its parts from top to bottom, each from where the last one ended",
    ),
    (
        "memviz/src/dashboard/keys.rs",
        "handle",
        "one arm or one comparison for each kind",
    ),
    (
        "memviz/src/dashboard/picture.rs",
        "draw",
        "draws its parts from top to bottom, each from where the last one ended",
    ),
    (
        "memviz/src/dashboard/state/tests/mod.rs",
        "each_figure_stands_under_its_name",
        "one scenario or one list of cases, read from top to bottom",
    ),
    (
        "memviz/src/dashboard/state/tests/mod.rs",
        "the_state_has_the_walk_and_the_process",
        "one scenario or one list of cases, read from top to bottom",
    ),
    (
        "memviz/src/dashboard/state/tests/numbers.rs",
        "frames_and_a_refused_run",
        "one scenario or one list of cases, read from top to bottom",
    ),
    (
        "memviz/src/dashboard/state/tests/numbers.rs",
        "the_heap_and_the_arenas_of_a_race",
        "one scenario or one list of cases, read from top to bottom",
    ),
    (
        "memviz/src/model/faults.rs",
        "step",
        "one arm or one comparison for each kind",
    ),
    (
        "memviz/src/model/fold.rs",
        "step",
        "one arm or one comparison for each kind",
    ),
    (
        "memviz/src/model/tables/change.rs",
        "of",
        "one arm or one comparison for each kind",
    ),
    (
        "memviz/src/testing/frames.rs",
        "act_on_frames",
        "one scenario or one list of cases, read from top to bottom",
    ),
    (
        "memviz/src/testing/heap.rs",
        "act_on_heap",
        "one scenario or one list of cases, read from top to bottom",
    ),
    (
        "memviz/src/truth/mismatch.rs",
        "fmt",
        "one arm or one comparison for each kind",
    ),
    (
        "memviz/src/view/highlights/tests.rs",
        "things_have_their_frames_and_no_others",
        "one scenario or one list of cases, read from top to bottom",
    ),
];
