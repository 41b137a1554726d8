//! Reads the tree of modules: follows each declaration to its file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use syn::{Attribute, Expr, Lit, Meta};

use super::modules::{
    Binding, Declared, Kind, Mention, Module, ModuleId, Tree, child_path, is_test, plain,
};
use super::paths::Reader;
use super::sources::Sources;

/// Reads the crate with this root.
pub fn read(sources: &Sources, root: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    let folder = root.parent().context("a root without a folder")?;
    read_file(sources, &mut tree, root, folder, "", 0, false)?;
    Ok(tree)
}

/// Adds the module of a whole file, and all below it.
fn read_file(
    sources: &Sources,
    tree: &mut Tree,
    file: &Path,
    folder: &Path,
    path: &str,
    parent: ModuleId,
    is_test: bool,
) -> Result<ModuleId> {
    let text = sources
        .get(file)
        .with_context(|| format!("no file {} for the module {path}", file.display()))?;
    let syntax = syn::parse_file(text).with_context(|| format!("in {}", file.display()))?;
    let id = tree.modules.len();
    tree.files.push(file.into());
    tree.modules.push(Module {
        path: path.into(),
        parent,
        file: tree.files.len() - 1,
        is_test,
        folder: folder.into(),
        names: BTreeMap::new(),
        globs: Vec::new(),
        mentions: Vec::new(),
    });
    let mut reader = Reader::new(tree, id);
    reader.read(&syntax);
    let (declared, listed) = reader.finish();
    for declared in declared {
        declare(sources, tree, file, &declared)?;
    }
    for (parent, name) in listed {
        declare_listed(sources, tree, file, parent, name)?;
    }
    Ok(id)
}

/// Declares words in macros that have a file as a module would have: the macro declares and uses
/// the module.
fn declare_listed(
    sources: &Sources,
    tree: &mut Tree,
    file: &Path,
    parent: ModuleId,
    name: syn::Ident,
) -> Result<()> {
    let module = &mut tree.modules[parent];
    let text = plain(&name);
    if module.names.contains_key(&text) || find_file(sources, &module.folder, &text).is_none() {
        return Ok(());
    }
    module.mentions.push(Mention {
        path: vec!["self".into(), text],
        line: name.span().start().line,
        kind: Kind::Whole,
    });
    let item = syn::parse_quote!(mod #name;);
    declare(sources, tree, file, &Declared { parent, item })
}

/// Returns the file of a module, and the folder of its children.
fn find_file(sources: &Sources, folder: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let inside = folder.join(name);
    let files = [folder.join(format!("{name}.rs")), inside.join("mod.rs")];
    let file = files.into_iter().find(|file| sources.get(file).is_some())?;
    Some((file, inside))
}

/// Reads the file of a declared module.
fn declare(
    sources: &Sources,
    tree: &mut Tree,
    declaring: &Path,
    declared: &Declared,
) -> Result<()> {
    let parent = &tree.modules[declared.parent];
    let name = plain(&declared.item.ident);
    let path = child_path(&parent.path, &name);
    let is_test = parent.is_test || is_test(&declared.item.attrs);
    let (file, folder) = match path_attribute(&declared.item.attrs) {
        Some(given) => {
            let file = normal(&declaring.parent().unwrap_or(Path::new("")).join(given));
            let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
            (file, folder)
        }
        None => match find_file(sources, &parent.folder, &name) {
            Some(found) => found,
            None => bail!("{}: no file for `mod {name};`", declaring.display()),
        },
    };
    let parent = declared.parent;
    let id = read_file(sources, tree, &file, &folder, &path, parent, is_test)?;
    let names = &mut tree.modules[parent].names;
    names.entry(name).or_default().push(Binding::Module(id));
    Ok(())
}

/// Returns the file that `#[path = "…"]` names.
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            Expr::Lit(literal) if pair.path.is_ident("path") => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        }
    })
}

/// Returns a path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
