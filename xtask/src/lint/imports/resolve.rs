//! Finds the files whose items a path names.

use std::collections::BTreeSet;

use super::modules::{Binding, FileId, Kind, Mention, Module, ModuleId, Tree};

/// Returns the files that a mention in this module names items of.
pub fn files(tree: &Tree, module: ModuleId, mention: &Mention) -> BTreeSet<FileId> {
    let own = tree.modules[module].file;
    if mention.kind == Kind::Macro {
        return macro_files(tree, module, &mention.path[0]);
    }
    let mut search = Search {
        tree,
        own,
        files: BTreeSet::new(),
        seen: BTreeSet::new(),
    };
    let modules = search.resolve(module, &mention.path);
    let mut files = search.files;
    if mention.kind == Kind::Whole {
        files.extend(modules.iter().map(|&module| tree.modules[module].file));
    }
    files.remove(&own);
    files
}

/// Returns the files of a macro in textual scope, if no import names it.
fn macro_files(tree: &Tree, module: ModuleId, name: &str) -> BTreeSet<FileId> {
    let Module { names, file, .. } = &tree.modules[module];
    match tree.macros.get(name) {
        Some(files) if !names.contains_key(name) && !files.contains(file) => {
            files.iter().copied().collect()
        }
        _ => BTreeSet::new(),
    }
}

struct Search<'t> {
    tree: &'t Tree,
    /// The file with the path: its own items are not arrows.
    own: FileId,
    files: BTreeSet<FileId>,
    /// Names that are being looked up, so that a circle of imports ends.
    seen: BTreeSet<(ModuleId, String)>,
}

impl Search<'_> {
    /// Follows a path; returns the modules that it names, if it names modules.
    fn resolve(&mut self, from: ModuleId, path: &[String]) -> Vec<ModuleId> {
        let mut here = from;
        let mut rest = path;
        let mut is_relative = true;
        while let Some((first, tail)) = rest.split_first() {
            match first.as_str() {
                "crate" => here = 0,
                "self" => {}
                "super" => here = self.tree.modules[here].parent,
                _ => break,
            }
            is_relative = false;
            rest = tail;
        }
        match rest.split_first() {
            None => vec![here],
            // The first name of a path may be another crate's, or a type parameter.
            Some((name, _)) if is_relative && !self.has(here, name) => Vec::new(),
            Some(_) => self.walk(here, rest),
        }
    }

    /// Looks up the names of a path, from a module on.
    fn walk(&mut self, here: ModuleId, path: &[String]) -> Vec<ModuleId> {
        let Some((name, rest)) = path.split_first() else {
            return vec![here];
        };
        let tree = self.tree;
        let module = &tree.modules[here];
        let is_own = module.file == self.own;
        if let Some(bindings) = module.names.get(name) {
            let mut found = Vec::new();
            for binding in bindings {
                match binding {
                    Binding::Item => drop(self.files.insert(module.file)),
                    Binding::Module(id) => found.extend(self.walk(*id, rest)),
                    Binding::Import(target) => {
                        if !is_own {
                            self.files.insert(module.file);
                        }
                        for id in self.quietly(here, name, target) {
                            found.extend(self.walk(id, rest));
                        }
                    }
                }
            }
            return found;
        }
        // A glob or a macro provides it: in both cases this module exports it.
        if !is_own {
            self.files.insert(module.file);
        }
        let mut found = Vec::new();
        for glob in &module.globs {
            for id in self.quietly(here, name, glob) {
                if self.has(id, name) {
                    found.extend(match is_own {
                        true => self.walk(id, path),
                        false => self.quietly_walk(id, path),
                    });
                }
            }
        }
        found
    }

    /// Returns the modules that an import names; its own line makes its arrows.
    fn quietly(&mut self, here: ModuleId, name: &str, target: &[String]) -> Vec<ModuleId> {
        let key = (here, name.to_string());
        if !self.seen.insert(key.clone()) {
            return Vec::new();
        }
        let files = self.files.clone();
        let found = self.resolve(here, target);
        self.files = files;
        self.seen.remove(&key);
        found
    }

    fn quietly_walk(&mut self, here: ModuleId, path: &[String]) -> Vec<ModuleId> {
        let files = self.files.clone();
        let found = self.walk(here, path);
        self.files = files;
        found
    }

    /// Returns whether a name is known in a module, by itself or by its globs.
    fn has(&mut self, here: ModuleId, name: &str) -> bool {
        let tree = self.tree;
        let module = &tree.modules[here];
        module.names.contains_key(name)
            || module.globs.iter().any(|glob| {
                let modules = self.quietly(here, name, glob);
                modules
                    .into_iter()
                    .any(|id| id != here && self.has(id, name))
            })
    }
}
