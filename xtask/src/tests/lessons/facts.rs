//! The effect of each lesson step on the figures on the screen.
//!
//! The kernel asserts facts of the machine. These facts assert the same of the picture.

/// A figure on the screen after a step.
pub struct Fact {
    /// Of the lesson.
    pub step: i64,
    /// The path of the figure in the state.
    pub figure: &'static str,
    pub becomes: Becomes,
}

#[derive(Clone, Copy)]
pub enum Becomes {
    /// The difference to the figure before the step.
    Changed(i64),
    /// This value.
    Is(i64),
}

use Becomes::{Changed, Is};

/// Returns the facts of a lesson.
pub fn of(lesson: &str) -> impl Iterator<Item = Fact> {
    let facts = FACTS.iter().filter(move |(name, _)| *name == lesson);
    let facts = facts.flat_map(|(_, facts)| facts.iter());
    facts.map(|&(step, figure, becomes)| Fact {
        step,
        figure,
        becomes,
    })
}

/// Step, figure and change, by lesson.
type Facts = &'static [(i64, &'static str, Becomes)];

#[rustfmt::skip]
const FACTS: &[(&str, Facts)] = &[
    ("busy-machine", &[
        (10, "/processes", Is(0)),
        (10, "/frames/shared", Is(0)),
    ]),
    ("memory-map", &[
        (5, "/frames/used", Changed(1)),
        (6, "/frames/used", Changed(4)),
    ]),
    ("frames", &[
        (2, "/frames/used", Changed(1)),
        (3, "/frames/used", Changed(63)),
        (4, "/frames/used", Changed(-32)),
        (7, "/frames/used", Changed(32)),
        (8, "/frames/used", Changed(-64)),
    ]),
    ("dma", &[
        (1, "/frames/used", Changed(16)),
        (4, "/frames/refused", Changed(1)),
        (7, "/frames/by_owner/device", Changed(16)),
    ]),
    ("page-walk", &[
        (3, "/frames/used", Changed(3)),
        (3, "/mappings/pages", Changed(1)),
        (4, "/frames/used", Changed(1)),
        (6, "/frames/used", Changed(-4)),
    ]),
    ("demand-paging", &[
        (1, "/faults/total", Changed(0)),
        (2, "/faults/by_cause/demand-zero", Changed(1)),
        (2, "/frames/used", Changed(4)),
        (4, "/frames/used", Changed(1)),
        (5, "/faults/by_cause/demand-zero", Changed(30)),
    ]),
    ("copy-on-write", &[
        (2, "/frames/shared", Changed(9)),
        (3, "/faults/total", Changed(0)),
        (4, "/faults/by_cause/copy-on-write", Changed(1)),
        (4, "/frames/shared", Changed(-1)),
        (4, "/frames/used", Changed(1)),
        (5, "/frames/used", Changed(0)),
        (6, "/frames/shared", Is(0)),
        (8, "/processes", Is(0)),
    ]),
    ("page-replacement", &[
        (2, "/faults/by_cause/demand-zero", Changed(1)),
        (3, "/faults/by_cause/demand-zero", Changed(2)),
        (4, "/faults/by_cause/demand-zero", Changed(3)),
        (5, "/faults/by_cause/demand-zero", Changed(4)),
        (6, "/faults/by_cause/demand-zero", Changed(1)),
        (7, "/faults/by_cause/demand-zero", Changed(3)),
        (8, "/faults/by_cause/demand-zero", Changed(8)),
        (9, "/faults/by_cause/demand-zero", Changed(7)),
    ]),
    ("belady", &[
        (2, "/faults/by_cause/demand-zero", Changed(10)),
        (3, "/faults/by_cause/demand-zero", Changed(10 + 8)),
    ]),
    ("clock", &[
        (2, "/faults/by_cause/demand-zero", Changed(1)),
        (3, "/faults/total", Changed(0)),
        (4, "/faults/by_cause/demand-zero", Changed(1)),
        (5, "/faults/by_cause/demand-zero", Changed(1)),
        (6, "/faults/by_cause/demand-zero", Changed(2 + 9 + 9)),
    ]),
    ("swap", &[
        (2, "/faults/by_cause/demand-zero", Changed(1)),
        (3, "/faults/total", Changed(0)),
        (4, "/faults/by_cause/page in swap", Changed(1)),
        (6, "/faults/by_cause/page in swap", Changed(1)),
        (6, "/faults/by_cause/demand-zero", Changed(0)),
        (7, "/faults/total", Changed(0)),
        (8, "/processes", Is(0)),
    ]),
    ("thrashing", &[
        (1, "/faults/by_cause/demand-zero", Changed(64)),
        (2, "/faults/by_cause/demand-zero", Changed(64)),
        (2, "/faults/by_cause/page in swap", Changed(0)),
        (4, "/faults/total", Changed(0)),
        (7, "/processes", Is(0)),
    ]),
    ("tlb", &[
        (2, "/faults/total", Changed(0)),
        (2, "/mappings/pages", Changed(0)),
    ]),
    ("guard-pages", &[
        (1, "/faults/by_cause/guard page", Changed(1)),
        (3, "/faults/by_cause/stack growth", Changed(16)),
        (4, "/faults/by_cause/stack growth", Changed(48)),
        (4, "/faults/by_cause/guard page", Changed(1)),
    ]),
    ("protection", &[
        (1, "/mappings/writable_executable", Is(0)),
        (2, "/faults/by_cause/read-only page", Changed(1)),
        (3, "/faults/by_cause/no-execute page", Changed(1)),
    ]),
    ("rings", &[
        (1, "/processes", Is(2)),
        (3, "/faults/by_cause/user touched kernel", Changed(1)),
        (4, "/faults/total", Changed(0)),
        (5, "/faults/by_cause/null pointer", Changed(1)),
        (7, "/processes", Is(2)),
    ]),
    ("buddy", &[
        (2, "/heap/orders/6/free", Is(1)),
        (2, "/heap/orders/13/free", Is(1)),
        (2, "/heap/orders/14/free", Is(0)),
        (3, "/heap/orders/6/free", Is(0)),
        (7, "/heap/orders/14/free", Is(1)),
        (7, "/heap/orders/6/free", Is(0)),
    ]),
    ("corruption", &[
        (1, "/heap/corruptions", Changed(0)),
        (2, "/heap/corruptions", Changed(1)),
        (2, "/heap/quarantined", Changed(1)),
        (2, "/faults/total", Changed(0)),
        (3, "/heap/corruptions", Changed(0)),
        (4, "/heap/corruptions", Changed(1)),
        (5, "/heap/corruptions", Changed(1)),
        (6, "/heap/corruptions", Changed(1)),
    ]),
    ("out-of-memory", &[
        (1, "/frames/free", Is(0)),
        (2, "/frames/free", Is(0)),
        (4, "/processes", Is(0)),
    ]),
];

#[cfg(test)]
mod tests {
    use super::FACTS;
    use crate::lessons;

    #[test]
    fn facts_name_existing_lessons() {
        let names = lessons::names().unwrap();
        for (lesson, _) in FACTS {
            assert!(names.iter().any(|name| name == lesson), "{lesson}");
        }
    }
}
