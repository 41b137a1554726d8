//! Circles of files: strongly connected components, by Tarjan's algorithm.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::arrows::Arrows;
use super::modules::{FileId, Tree};

/// Returns each set of two files and more that all lead to each other.
pub fn find(arrows: &Arrows) -> Vec<BTreeSet<FileId>> {
    let mut next: BTreeMap<FileId, Vec<FileId>> = BTreeMap::new();
    for &(from, to) in arrows.keys() {
        next.entry(from).or_default().push(to);
        next.entry(to).or_default();
    }
    let mut search = Search {
        next: &next,
        order: BTreeMap::new(),
        stack: Vec::new(),
        circles: Vec::new(),
    };
    for &file in next.keys() {
        if !search.order.contains_key(&file) {
            search.visit(file);
        }
    }
    search.circles
}

struct Search<'a> {
    next: &'a BTreeMap<FileId, Vec<FileId>>,
    /// The order in which the search reached the files.
    order: BTreeMap<FileId, usize>,
    /// Files that the search has reached and that are not yet in a component.
    stack: Vec<FileId>,
    circles: Vec<BTreeSet<FileId>>,
}

impl Search<'_> {
    /// Returns the earliest file on the stack that this one leads to.
    fn visit(&mut self, file: FileId) -> usize {
        let own = self.order.len();
        self.order.insert(file, own);
        self.stack.push(file);
        let mut lowest = own;
        for &next in &self.next[&file] {
            let reached = match self.order.get(&next) {
                None => self.visit(next),
                Some(&order) if self.stack.contains(&next) => order,
                Some(_) => continue,
            };
            lowest = lowest.min(reached);
        }
        if lowest == own {
            let start = self.stack.iter().position(|&on| on == file);
            let component = self.stack.split_off(start.expect("it was pushed"));
            if component.len() > 1 {
                self.circles.push(component.into_iter().collect());
            }
        }
        lowest
    }
}

/// Returns the circle file by file, with the lines that make its arrows.
pub fn describe(circle: &BTreeSet<FileId>, arrows: &Arrows, tree: &Tree) -> String {
    let name = |file: FileId| tree.files[file].display();
    let mut text = format!("a circle of {} files:", circle.len());
    for &file in circle {
        write!(text, "\n  {}", name(file)).expect("a string takes everything");
        for (&(from, to), lines) in arrows {
            if from != file || !circle.contains(&to) {
                continue;
            }
            write!(text, "\n    → {}", name(to)).expect("a string takes everything");
            for line in lines {
                write!(text, "\n      {:4}: {}", line.number, line.path)
                    .expect("a string takes everything");
            }
        }
    }
    text
}
