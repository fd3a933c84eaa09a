//! Which images a list means by names that are no paths: without a suffix, as `ISIC_0024306`, or without the folder
//! that the image lies in. Tables beside folders of images often have such names.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use crate::dataset::kinds::image_folder::search::called_image;

/// Folders below the root that are looked into.
const DEPTH: usize = 3;

/// The images below a folder, which is looked into once a name is asked for.
pub(crate) struct ImageNames<'a> {
    pub(crate) root: &'a Path,
    paths: OnceCell<BTreeMap<String, Vec<String>>>,
}

impl<'a> ImageNames<'a> {
    pub(crate) fn of(root: &'a Path) -> Self {
        Self {
            root,
            paths: OnceCell::new(),
        }
    }

    /// The paths below the root of the images that are called so, with or without their suffix, and in whatever
    /// folder where the name has none.
    pub(crate) fn called(&self, name: &str) -> &[String] {
        let paths = self.paths.get_or_init(|| images_below(self.root));
        paths.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// By each name that they may go by.
fn images_below(root: &Path) -> BTreeMap<String, Vec<String>> {
    let start = folder(root);
    let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let walk = WalkDir::new(start)
        .max_depth(DEPTH + 1)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // What cannot be read holds no image that could be read.
    for entry in walk.filter_map(Result::ok) {
        let is_file = !entry.file_type().is_dir() && entry.path().is_file();
        let Ok(below) = entry.path().strip_prefix(start) else {
            continue;
        };
        let (Some(path), true) = (below.to_str(), is_file && called_image(below)) else {
            continue;
        };
        let bare = below.with_extension("");
        let names = [
            below.file_name(),
            bare.file_name(),
            Some(below.as_os_str()),
            Some(bare.as_os_str()),
        ];
        let mut names: Vec<&str> = names
            .into_iter()
            .flatten()
            .filter_map(|name| name.to_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            paths
                .entry(name.to_owned())
                .or_default()
                .push(path.to_owned());
        }
    }
    paths
}

/// A root as it is called where it is asked for; the folder that one is in has no name.
pub(crate) fn folder(root: &Path) -> &Path {
    match root.as_os_str().is_empty() {
        true => Path::new("."),
        false => root,
    }
}
