//! Reads the paths of one file: its imports, the paths in its code, and those in its macros.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, File, ImplItem, Item, ItemMacro, ItemMod, ItemUse, Macro, Path, TraitItem, UseTree,
    Visibility,
};

use super::modules::{
    self, Binding, Declared, Kind, Mention, Module, ModuleId, Tree, child_path, plain,
};

/// Fills one module, and those written out inside it.
pub struct Reader<'t> {
    tree: &'t mut Tree,
    here: ModuleId,
    declared: Vec<Declared>,
    /// Words in macros among items. A macro may declare the modules that it lists.
    listed: Vec<(ModuleId, syn::Ident)>,
}

impl<'t> Reader<'t> {
    pub fn new(tree: &'t mut Tree, module: ModuleId) -> Self {
        Self {
            tree,
            here: module,
            declared: Vec::new(),
            listed: Vec::new(),
        }
    }

    pub fn read(&mut self, file: &File) {
        self.visit_file(file);
    }

    /// Returns the modules in files of their own, and words that may be such modules.
    pub fn finish(self) -> (Vec<Declared>, Vec<(ModuleId, syn::Ident)>) {
        (self.declared, self.listed)
    }

    fn module(&mut self) -> &mut Module {
        &mut self.tree.modules[self.here]
    }

    fn bind(&mut self, name: &syn::Ident, binding: Binding) {
        let names = &mut self.module().names;
        names.entry(plain(name)).or_default().push(binding);
    }

    fn mention(&mut self, path: Vec<String>, line: usize, kind: Kind) {
        self.module().mentions.push(Mention { path, line, kind });
    }

    /// Reads a module with a body: the same file, a scope of its own.
    fn enter(&mut self, item: &ItemMod, content: &[Item]) {
        let (outer, name) = (self.here, plain(&item.ident));
        let parent = &self.tree.modules[outer];
        let module = Module {
            path: child_path(&parent.path, &name),
            parent: outer,
            file: parent.file,
            is_test: parent.is_test,
            folder: parent.folder.join(&name),
            names: Default::default(),
            globs: Vec::new(),
            mentions: Vec::new(),
        };
        let id = self.tree.modules.len();
        self.tree.modules.push(module);
        self.bind(&item.ident, Binding::Module(id));
        self.here = id;
        content.iter().for_each(|item| self.visit_item(item));
        self.here = outer;
    }

    /// Reads each leaf of `use a::{b, c::*}`.
    fn import(&mut self, tree: &UseTree, path: &[String], is_public: bool) {
        let with = |name: &syn::Ident| match name == "self" && !path.is_empty() {
            true => path.to_vec(),
            false => [path, &[plain(name)]].concat(),
        };
        let (path, name) = match tree {
            UseTree::Path(inner) => {
                return self.import(&inner.tree, &with(&inner.ident), is_public);
            }
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|item| self.import(item, path, is_public));
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.mention(path.to_vec(), line, Kind::Whole);
                self.module().globs.push(path.to_vec());
                return;
            }
            UseTree::Name(name) => (with(&name.ident), &name.ident),
            UseTree::Rename(name) => (with(&name.ident), &name.rename),
        };
        let kind = if is_public { Kind::Whole } else { Kind::Name };
        self.mention(path.clone(), name.span().start().line, kind);
        if let Some(last) = path.last().filter(|_| name == "self") {
            let names = &mut self.module().names;
            names
                .entry(last.clone())
                .or_default()
                .push(Binding::Import(path));
        } else {
            self.bind(name, Binding::Import(path));
        }
    }

    /// Reads the paths of at least two names in the tokens of a macro, including `a::{b, c}`.
    fn tokens(&mut self, tokens: &TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    self.tokens(&group.stream(), &[]);
                    at += 1;
                }
                TokenTree::Ident(_) if !begins_outside(&tokens[..at]) => {
                    at = self.token_path(&tokens, at, prefix);
                }
                _ => at += 1,
            }
        }
    }

    /// Reads the path that begins with the identifier at this token, and returns the token after
    /// it.
    fn token_path(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String]) -> usize {
        let line = tokens[at].span().start().line;
        let mut path = prefix.to_vec();
        while let Some(TokenTree::Ident(name)) = tokens.get(at) {
            path.push(plain(name));
            at += 1;
            if !is_colons(tokens, at) {
                break;
            }
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(_)) => at += 2,
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.tokens(&group.stream(), &path);
                    return at + 3;
                }
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                    self.mention(path, line, Kind::Whole);
                    return at + 3;
                }
                _ => break,
            }
        }
        if path.len() > 1 {
            self.mention(path, line, Kind::Name);
        }
        at
    }

    /// Reads names that the tokens of a macro among items seem to define: `struct Name`, `mod
    /// name;`.
    fn definitions(&mut self, tokens: &TokenStream) {
        const KEYWORDS: [&str; 8] = [
            "struct", "enum", "union", "trait", "type", "fn", "const", "static",
        ];
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match (token, tokens.get(at + 1)) {
                (TokenTree::Group(group), _) => self.definitions(&group.stream()),
                (TokenTree::Ident(word), following) => {
                    self.listed.push((self.here, word.clone()));
                    let Some(TokenTree::Ident(name)) = following else {
                        continue;
                    };
                    let keyword = word;
                    if KEYWORDS.iter().any(|known| keyword == known) {
                        self.bind(name, Binding::Item);
                    } else if keyword == "mod" {
                        let item = syn::parse_quote!(mod #name;);
                        self.declared.push(Declared {
                            parent: self.here,
                            item,
                        });
                    }
                }
                _ => {}
            }
        }
    }
}

/// Returns whether the path after these tokens begins elsewhere: `::a`, `.a`, `$a`.
fn begins_outside(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Punct(mark)] => {
            matches!(mark.as_char(), ':' | '.') && {
                // `x: a::b` is a path of this crate; `::a::b` and `x.a` are not.
                mark.as_char() == '.' || is_colons(before, before.len().wrapping_sub(2))
            }
        }
        _ => false,
    }
}

/// Returns whether this token begins a `::`.
fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    is_colon(at) && is_colon(at.wrapping_add(1))
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name): (&[Attribute], _) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Union(item) => (&item.attrs, Some(&item.ident)),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Use(item) => (&item.attrs, None),
            Item::Mod(item) if item.content.is_none() => {
                return self.declared.push(Declared {
                    parent: self.here,
                    item: item.clone(),
                });
            }
            Item::Mod(item) => (&item.attrs, None),
            Item::Impl(item) => (&item.attrs, None),
            Item::ForeignMod(item) => (&item.attrs, None),
            _ => (&[], None),
        };
        if modules::is_test(attributes) {
            return;
        }
        if let Some(name) = name {
            self.bind(name, Binding::Item);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if let Some((_, content)) = &item.content {
            self.enter(item, content);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            let is_public = !matches!(item.vis, Visibility::Inherited);
            self.import(&item.tree, &[], is_public);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        match &item.ident {
            Some(name) => {
                let file = self.module().file;
                self.tree
                    .macros
                    .entry(name.to_string())
                    .or_default()
                    .push(file);
                self.tokens(&item.mac.tokens, &[]);
            }
            None => {
                self.definitions(&item.mac.tokens);
                self.visit_macro(&item.mac);
            }
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Const(item) => &item.attrs,
            _ => &[],
        };
        if !modules::is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        visit::visit_trait_item(self, item);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(name) = call.path.get_ident() {
            let line = name.span().start().line;
            self.mention(vec![plain(name)], line, Kind::Macro);
        }
        self.visit_path(&call.path);
        self.tokens(&call.tokens, &[]);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let names = path.segments.iter().map(|segment| plain(&segment.ident));
            let line = path.segments[0].ident.span().start().line;
            self.mention(names.collect(), line, Kind::Name);
        }
        visit::visit_path(self, path);
    }

    /// Skips `pub(in a::b)`, which uses no item of `a::b`.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    /// Skips the paths of attributes, which name other crates' macros.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
