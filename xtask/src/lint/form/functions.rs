//! Lengths of functions, from the line with `fn` to the closing brace. Comments and empty lines
//! count, because the reader sees them too.

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use super::files::Text;

/// Lines of a function.
const LINES: usize = 60;

/// Returns functions that are too long, and exceptions that are not needed.
pub fn long(texts: &[Text], exceptions: &[(&str, &str, &str)]) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut needed = vec![false; exceptions.len()];
    for text in texts.iter().filter(|text| text.is_rust()) {
        let file = syn::parse_file(&text.text).with_context(|| format!("in {}", text.path))?;
        let mut search = Search::default();
        search.visit_file(&file);
        for (name, lines) in search.long {
            let is_it =
                |(path, function, _): &(&str, &str, &str)| *path == text.path && *function == name;
            match exceptions.iter().position(is_it) {
                Some(at) => needed[at] = true,
                None => wrong.push(format!(
                    "{}: the function {name} has {lines} lines, {LINES} are allowed",
                    text.path
                )),
            }
        }
    }
    let unneeded = exceptions.iter().zip(needed).filter(|(_, needed)| !needed);
    wrong.extend(unneeded.map(|((path, name, _), _)| format!("{path}: {name} needs no exception")));
    Ok(wrong)
}

#[derive(Default)]
struct Search {
    long: Vec<(String, usize)>,
}

impl Search {
    fn measure(&mut self, signature: &Signature, block: &Block) {
        let first = signature.fn_token.span().start().line;
        let lines = block.span().end().line - first + 1;
        if lines > LINES {
            self.long.push((signature.ident.to_string(), lines));
        }
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}
