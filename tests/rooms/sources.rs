//! The modules of a crate and the files that they lie in, found as the compiler finds them: from the root,
//! by `mod` declarations.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta};

use crate::imports::{Import, imports};

/// The segments of a module's path; of the root, none.
pub(crate) type ModulePath = Vec<String>;

/// A crate without its tests: what is behind `#[cfg(test)]` is known as a file, and imports nothing.
#[derive(Default)]
pub(crate) struct Tree {
    /// The folder of the root.
    pub(crate) folder: PathBuf,
    /// The file of each module.
    pub(crate) modules: BTreeMap<ModulePath, PathBuf>,
    pub(crate) imports: Vec<Import>,
    /// The files that hold something beside tests.
    pub(crate) sources: BTreeSet<PathBuf>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Self {
        let folder = root.parent().unwrap().to_owned();
        let mut tree = Self {
            folder: folder.clone(),
            ..Self::default()
        };
        tree.read_file(Vec::new(), root, &folder, false);
        tree
    }

    /// The file of a module, as it is told: from the folder of the root on.
    pub(crate) fn name(&self, module: &[String]) -> String {
        let file = self.modules[module].strip_prefix(&self.folder).unwrap();
        file.display().to_string()
    }

    /// `folder` is where the files of the module's children are looked for.
    fn read_file(&mut self, module: ModulePath, file: &Path, folder: &Path, is_test: bool) {
        let text = fs::read_to_string(file).unwrap();
        let items = syn::parse_file(&text).unwrap().items;
        self.read_module(module, file, folder, &items, is_test);
    }

    fn read_module(
        &mut self,
        module: ModulePath,
        file: &Path,
        folder: &Path,
        items: &[Item],
        is_test: bool,
    ) {
        self.modules.insert(module.clone(), file.to_owned());
        if !is_test {
            self.sources.insert(file.to_owned());
            self.imports.extend(imports(&module, items));
        }
        for item in items {
            let Item::Mod(declared) = item else { continue };
            let name = declared.ident.to_string();
            let child = [&module[..], std::slice::from_ref(&name)].concat();
            let is_test = is_test || is_for_tests(&declared.attrs);
            if let Some((_, items)) = &declared.content {
                self.read_module(child, file, &folder.join(name), items, is_test);
            } else {
                let file = file_of(declared, file, folder);
                let inner = match file.file_name().unwrap().to_str() {
                    Some("mod.rs") => file.parent().unwrap().to_owned(),
                    _ => file.with_extension(""),
                };
                self.read_file(child, &file, &inner, is_test);
            }
        }
    }
}

/// Where the compiler looks for a module that is declared in `parent`.
fn file_of(declared: &ItemMod, parent: &Path, folder: &Path) -> PathBuf {
    let named = declared.attrs.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            Expr::Lit(text) if pair.path.is_ident("path") => match &text.lit {
                Lit::Str(text) => Some(parent.with_file_name(text.value())),
                _ => None,
            },
            _ => None,
        }
    });
    let name = declared.ident.to_string();
    let beside = folder.join(format!("{name}.rs"));
    match named {
        Some(file) => file,
        None if beside.exists() => beside,
        None => folder.join(name).join("mod.rs"),
    }
}

/// Whether the attributes have `#[cfg(test)]`.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test"))
    })
}
