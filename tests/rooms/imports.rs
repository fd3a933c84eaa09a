//! What a module imports: its `use` trees, and the paths of its expressions, types and macros.

use syn::visit::{self, Visit};
use syn::{Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

use crate::sources::{ModulePath, is_for_tests};

/// A path as it is written in a module.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) module: ModulePath,
    pub(crate) path: Vec<String>,
}

/// What the items of `module` import, without those of its child modules and of its tests.
pub(crate) fn imports(module: &[String], items: &[Item]) -> Vec<Import> {
    let mut collector = Collector::default();
    items.iter().for_each(|item| collector.visit_item(item));
    let import = |path| Import {
        module: module.to_vec(),
        path,
    };
    collector.paths.into_iter().map(import).collect()
}

#[derive(Default)]
struct Collector {
    paths: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Const(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    /// Is a module of its own.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    /// `pub(in crate::logs)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        leaves(&item.tree, &mut Vec::new(), &mut self.paths);
    }

    /// A single name means something of its own module, such as a variable, and no module.
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments = path.segments.iter();
            self.paths
                .push(segments.map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.paths.extend(paths_of_tokens(&call.tokens.to_string()));
        visit::visit_macro(self, call);
    }
}

/// The paths that end in a name, a glob or `self`.
fn leaves(tree: &UseTree, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let leaf = |name: String| [&before[..], &[name]].concat();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => found.push(before.clone()),
        UseTree::Rename(name) if name.ident == "self" => found.push(before.clone()),
        UseTree::Name(name) => found.push(leaf(name.ident.to_string())),
        UseTree::Rename(name) => found.push(leaf(name.ident.to_string())),
        UseTree::Glob(_) => found.push(leaf("*".to_owned())),
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, before, found);
            }
        }
    }
}

/// A macro may be given anything, so its paths are found by their look: names with `::` in between.
fn paths_of_tokens(tokens: &str) -> Vec<Vec<String>> {
    let joined = tokens.replace(" :: ", "::");
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = joined.split(|c| !is_part(c));
    words
        .filter(|word| word.contains("::"))
        .map(|word| word.split("::").map(str::to_owned).collect())
        .collect()
}
