//! The import check: no circle of files inside a crate, and no import against the layers.
//!
//! # What an arrow is
//!
//! An arrow runs from file A to file B when code in A names an item that B defines or re-exports:
//!
//! - `use a::X`, and `a::X` in a function, type, pattern or macro call, where file `a` has the `X`.
//! - `a::X` where `a` only re-exports the `X`: an arrow to `a`, and from `a` to the origin.
//! - `use super::X` in a child, where the `X` is defined or imported in the parent's own file.
//! - `use a::*`: an arrow to `a`. `pub use a` of a module: an arrow to `a`.
//! - `check!(…)`: an arrow to the file with the `macro_rules!` of that name.
//!
//! These are not arrows:
//!
//! - `mod child;`, and a path through a module: `a::b::X` is no arrow to the file of `a`.
//! - `use a` of a module: each later use of an item of `a` is an arrow.
//! - Tests: items under `#[cfg(test)]` or `#[test]` may use everything.
//! - Method calls: they carry no path. The type that has the method was named somewhere.
//!
//! Alternatives under `cfg` all count. A name that a macro makes counts as an item of its module's
//! file. A file that no module declaration reaches is an error, so that no file is overlooked.
//!
//! ```text
//! files ──tree──► modules ──resolve──► arrows ──► circles
//!                    and their paths                    └──► layers
//! ```

mod arrows;
mod circles;
mod layers;
mod modules;
mod paths;
mod resolve;
mod sources;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use layers::Layers;
pub use modules::is_test;
use sources::{Sources, Target};

/// The violations in one crate, as messages.
#[derive(Default, Debug)]
struct Findings {
    /// Each circle, file by file.
    circles: Vec<String>,
    /// Each arrow against the layers.
    against: Vec<String>,
    /// Each module without a layer.
    without_layer: Vec<String>,
}

/// Checks every crate of the workspace.
pub fn check() -> Result<()> {
    let sources = Sources::read(crate::build::root())?;
    let mut wrong = Vec::new();
    let mut reached = BTreeSet::new();
    for target in sources::targets()? {
        let layers = layers::of(&target)?;
        let findings = find(&sources, &target, layers, &mut reached)?;
        wrong.extend([findings.circles, findings.against, findings.without_layer].concat());
    }
    wrong.extend(unreached(&sources, &reached));
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Reads one crate and finds its circles and its arrows against the layers.
fn find(
    sources: &Sources,
    target: &Target,
    layers: Option<Layers>,
    reached: &mut BTreeSet<PathBuf>,
) -> Result<Findings> {
    let tree = tree::read(sources, &target.root)?;
    reached.extend(tree.files.iter().cloned());
    let arrows = arrows::all(&tree);
    let circles = circles::find(&arrows);
    let describe = |circle| circles::describe(circle, &arrows, &tree);
    let mut findings = Findings {
        circles: circles.iter().map(describe).collect(),
        ..Findings::default()
    };
    if let Some(layers) = layers {
        findings.without_layer = layers::without_layer(layers, &tree);
        findings.against = layers::against(layers, &arrows, &tree);
    }
    Ok(findings)
}

/// Returns files that no module declaration reaches.
fn unreached(sources: &Sources, reached: &BTreeSet<PathBuf>) -> Vec<String> {
    sources
        .paths()
        .filter(|path| !reached.contains(*path))
        .map(|path| {
            format!(
                "{}: no module declaration reaches this file",
                path.display()
            )
        })
        .collect()
}
