//! The arrows of a crate: which file names items of which other file, and in which lines.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{FileId, Kind, Mention, Tree};
use super::resolve;

/// For each pair of files, the lines that make the arrow.
pub type Arrows = BTreeMap<(FileId, FileId), BTreeSet<Line>>;

/// A line of the file that the arrow begins in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Line {
    pub number: usize,
    /// The path that the line names.
    pub path: String,
}

/// Returns every arrow that is not a test's.
pub fn all(tree: &Tree) -> Arrows {
    let mut arrows = Arrows::new();
    for (id, module) in tree.modules.iter().enumerate() {
        if module.is_test {
            continue;
        }
        for mention in &module.mentions {
            for file in resolve::files(tree, id, mention) {
                let lines = arrows.entry((module.file, file)).or_default();
                lines.insert(line(mention));
            }
        }
    }
    arrows
}

fn line(mention: &Mention) -> Line {
    let mut path = mention.path.join("::");
    if mention.kind == Kind::Macro {
        path.push('!');
    }
    Line {
        number: mention.line,
        path,
    }
}
