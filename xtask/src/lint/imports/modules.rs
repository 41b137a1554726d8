//! The tree of modules of one crate: the file of each module, its names, and the paths that it
//! mentions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use syn::{Attribute, ItemMod, Meta};

/// A module's index in `Tree::modules`.
pub type ModuleId = usize;

/// A file's index in `Tree::files`.
pub type FileId = usize;

/// All modules of a crate; the first is the root.
#[derive(Default)]
pub struct Tree {
    pub modules: Vec<Module>,
    pub files: Vec<PathBuf>,
    /// Each `macro_rules!`, by name: those in textual scope have no path.
    pub macros: BTreeMap<String, Vec<FileId>>,
}

pub struct Module {
    /// Names from the root: `memory::heap`; empty for the root.
    pub path: String,
    pub parent: ModuleId,
    pub file: FileId,
    /// True if it is compiled for tests only.
    pub is_test: bool,
    /// The folder of its child modules.
    pub folder: PathBuf,
    /// The meaning of each name in this module; alternatives under `cfg` give several.
    pub names: BTreeMap<String, Vec<Binding>>,
    /// Paths whose items are all in scope here.
    pub globs: Vec<Vec<String>>,
    pub mentions: Vec<Mention>,
}

/// The meaning of a name.
pub enum Binding {
    /// An item that the module's own file defines.
    Item,
    Module(ModuleId),
    Import(Vec<String>),
}

/// A path in the code.
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
    pub kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Uses the last name of the path.
    Name,
    /// Uses all items of the module that the path names, or re-exports a whole module.
    Whole,
    /// Calls a macro by its bare name.
    Macro,
}

/// A module declaration without a body, found in a file.
pub struct Declared {
    pub parent: ModuleId,
    pub item: ItemMod,
}

/// Returns a name without `r#`.
pub fn plain(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).into()
}

pub fn child_path(parent: &str, name: &str) -> String {
    match parent {
        "" => name.into(),
        parent => format!("{parent}::{name}"),
    }
}

/// Returns whether these attributes restrict an item to tests.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        let needs = || {
            attribute
                .parse_args::<Meta>()
                .is_ok_and(|meta| needs_test(&meta))
        };
        attribute.path().is_ident("test") || (is_cfg && needs())
    })
}

/// Returns whether a `cfg` condition holds in tests only.
fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let parse = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
            let Ok(parts) = list.parse_args_with(parse) else {
                return false;
            };
            let all = list.path.is_ident("all") && parts.iter().any(needs_test);
            all || (list.path.is_ident("any") && parts.iter().all(needs_test))
        }
        Meta::NameValue(_) => false,
    }
}
