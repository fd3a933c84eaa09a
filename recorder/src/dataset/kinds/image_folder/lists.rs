//! Whether a list of labels lies beside folders that look like classes and says otherwise, as that of
//! Clothing1M does beside its folders 0 to 9.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use logformat::open_regular;

use crate::dataset::files::finding::read_error;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

const SUFFIXES: [&str; 5] = ["txt", "csv", "tsv", "lst", "list"];
/// So much of a file is looked into, so many files, and so many of the lines.
const BYTES: u64 = 1 << 16;
const FILES: usize = 16;
const LINES: usize = 50;

/// Refuses folders as classes where one of these files gives images in them other labels than the folders'.
pub(crate) fn check(
    files: &[PathBuf],
    root: &Path,
    class_names: &[String],
) -> Result<(), DatasetError> {
    let is_list = |path: &&PathBuf| {
        let suffix = path.extension().unwrap_or_default().to_string_lossy();
        SUFFIXES.contains(&suffix.to_lowercase().as_str())
    };
    for list in files.iter().filter(is_list).take(FILES) {
        for line in beginning(list)?.lines().take(LINES) {
            if contradicts(line, list, root, class_names) {
                return Err(DatasetError::from(LayoutError::ListBesideFolders {
                    path: root.to_owned(),
                    list: list.clone(),
                    line: line.chars().take(80).collect(),
                }));
            }
        }
    }
    Ok(())
}

/// A list beside images that are in no folder of a class, as the hub's `metadata.csv`: the first file here whose first
/// lines name one of them.
pub(crate) fn beside(files: &[PathBuf], images: &[PathBuf]) -> Option<PathBuf> {
    let names: BTreeSet<String> = images.iter().map(|path| name(path)).collect();
    let names_one = |list: &&PathBuf| {
        let suffix = list.extension().unwrap_or_default().to_string_lossy();
        let is_list = SUFFIXES.contains(&&*suffix.to_lowercase()) || suffix == "jsonl";
        let text = is_list.then(|| beginning(list).ok()).flatten();
        let text = text.unwrap_or_default();
        let mut words = text.split(|c: char| "\t\n\r ,;\"/".contains(c));
        words.any(|word| names.contains(word))
    };
    files.iter().find(names_one).cloned()
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The beginning of a file.
fn beginning(path: &Path) -> Result<String, DatasetError> {
    let mut text = Vec::new();
    let file = open_regular(path).map_err(|error| read_error(path, error))?;
    let read = file.take(BYTES).read_to_end(&mut text);
    read.map_err(|error| read_error(path, error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Whether a line is an image in one of the folders, and a label that is not the folder's.
fn contradicts(line: &str, list: &Path, root: &Path, class_names: &[String]) -> bool {
    let line = line.trim();
    let Some(at) = line.rfind(['\t', ',', ' ']) else {
        return false;
    };
    let (path, label) = (line[..at].trim(), line[at + 1..].trim());
    let around = list.parent().unwrap_or(Path::new(""));
    let image = [root.join(path), around.join(path)];
    let image = image.into_iter().find(|image| image.is_file());
    let folder = image
        .as_deref()
        .and_then(|image| image.strip_prefix(root).ok());
    let folder = folder.and_then(|inside| inside.components().next());
    let Some(folder) = folder else {
        return false;
    };
    let folder = folder.as_os_str().to_string_lossy();
    let index = class_names.iter().position(|name| *name == folder);
    index.is_some_and(|index| label != folder && label != index.to_string())
}
