//! Capacities: each one in the source is in a row of `docs/limits.md`.
//!
//! ```text
//! Vec<Run, SLICES>      an argument of a type in capitals, or a number   │ needs a row of its file
//! runs: [Run; RUNS]     the length of an array in a field or a static    │ with the same words
//! ```
//! An array that has one element for each value of a type cannot be too short: its length is in
//! the list at the end of the page.

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Expr, Field, GenericArgument, ItemMod, ItemStatic, PathArguments, PathSegment, Type, TypeArray,
};

use super::files::Text;
use crate::lint::imports::is_test;

/// The page, and the heading of its list of lengths.
pub const PAGE: &str = "docs/limits.md";
const LIST: &str = "## One element for each value";
/// Arrays of fewer elements are colours, points and words of a layout.
const FEWEST: u64 = 16;
/// Types whose capacity may be a number. In other types a number is another kind of parameter.
const BOUNDED: [&str; 4] = ["Vec", "String", "Deque", "LinearMap"];
/// The crates that are searched, and their folders for tests.
const CRATES: [&str; 3] = ["kernel/src/", "mm/src/", "memviz/src/"];
const TESTS: [&str; 5] = [
    "/tests/",
    "/tests.rs",
    "/testing/",
    "/selftest/",
    "/nested.rs",
];

/// Returns capacities without a row, and rows without a capacity.
pub fn wrong(texts: &[Text], page: &str) -> Result<Vec<String>> {
    let (rows, list) = page.split_once(LIST).unwrap_or((page, ""));
    let rows: Vec<&str> = rows
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let has = |line: &str, word: &str| line.contains(&format!("`{word}`"));
    let mut wrong = Vec::new();
    let mut limited = Vec::new();
    for text in texts.iter().filter(|text| is_source(&text.path)) {
        let file = syn::parse_file(&text.text).with_context(|| format!("in {}", text.path))?;
        let mut search = Search::default();
        search.visit_file(&file);
        let of_file = |row: &&&str| row.starts_with(&format!("| `{}`", text.path));
        search.found.retain(|capacity| !has(list, capacity));
        if !search.found.is_empty() {
            limited.push(text.path.as_str());
        }
        for capacity in search.found {
            if !rows.iter().filter(of_file).any(|row| has(row, &capacity)) {
                wrong.push(format!("{}: `{capacity}` is not in {PAGE}", text.path));
            }
        }
    }
    let path = |row: &&str| row.split('`').nth(1).unwrap_or_default().to_owned();
    let unneeded = rows.iter().map(path);
    let unneeded = unneeded.filter(|path| !limited.contains(&path.as_str()));
    wrong.extend(unneeded.map(|path| format!("{PAGE}: {path} has no capacity")));
    Ok(wrong)
}

fn is_source(path: &str) -> bool {
    CRATES.iter().any(|folder| path.starts_with(folder))
        && !TESTS.iter().any(|part| path.contains(part))
}

#[derive(Default)]
struct Search {
    found: Vec<String>,
}

impl Search {
    fn add(&mut self, capacity: &impl Spanned) {
        let words = capacity.span().source_text().unwrap_or_default();
        let words = words.trim_matches(['{', '}', ' ']).to_owned();
        // One element for each element of another table.
        let is_sized_alike = words.ends_with(".len()");
        if !is_sized_alike && !self.found.contains(&words) {
            self.found.push(words);
        }
    }

    fn add_array(&mut self, array: &TypeArray) {
        let is_small = match &array.len {
            Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Int(number) => number
                    .base10_parse::<u64>()
                    .is_ok_and(|length| length < FEWEST),
                _ => false,
            },
            // A parameter of the type: the code that chooses it has the capacity.
            Expr::Path(path) => path.path.get_ident().is_some_and(is_short),
            _ => false,
        };
        if !is_small {
            self.add(&array.len);
        }
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        Arrays(self).visit_type(&field.ty);
        visit::visit_field(self, field);
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        Arrays(self).visit_type(&item.ty);
        visit::visit_item_static(self, item);
    }

    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            let is_bounded = BOUNDED.iter().any(|name| segment.ident == name);
            for argument in &arguments.args {
                match argument {
                    GenericArgument::Const(capacity) if is_bounded || is_block(capacity) => {
                        self.add(capacity);
                    }
                    GenericArgument::Type(Type::Path(path))
                        if path.path.get_ident().is_some_and(is_constant) =>
                    {
                        self.add(path);
                    }
                    _ => {}
                }
            }
        }
        visit::visit_path_segment(self, segment);
    }
}

/// Finds the arrays of a type.
struct Arrays<'s>(&'s mut Search);

impl<'ast> Visit<'ast> for Arrays<'_> {
    fn visit_type_array(&mut self, array: &'ast TypeArray) {
        self.0.add_array(array);
        visit::visit_type_array(self, array);
    }
}

fn is_block(capacity: &Expr) -> bool {
    matches!(capacity, Expr::Block(_))
}

/// Returns whether this is the name of a constant, and not of a type or of a parameter.
fn is_constant(name: &syn::Ident) -> bool {
    let text = name.to_string();
    let is_capital = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    !is_short(name)
        && text
            .chars()
            .all(|letter| is_capital(letter) || letter.is_ascii_digit())
}

fn is_short(name: &syn::Ident) -> bool {
    name.to_string().len() == 1
}
