//! Finds the images in a folder and those below: by the suffix, or else by the content, and says what was
//! left aside. Hidden files and folders are as good as not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::dataset::images::content::kind_of_file;
use crate::dataset::reading_report::ReadingReport;
use crate::error::dataset::DatasetError;

/// What names of images end in, in whichever case: torchvision's `IMG_EXTENSIONS`, and others. Those that
/// are not built in are refused by name rather than left out in silence. Files that are called otherwise
/// are looked into.
const SUFFIXES: [&str; 10] = [
    "jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp", "gif",
];
/// Folders that programs make for themselves: of thumbnails (Synology, QNAP), of what was deleted, and of
/// what macOS packs beside files.
const FOLDERS_OF_PROGRAMS: [&str; 9] = [
    "@eadir",
    "@__thumb",
    "#recycle",
    "@recycle",
    "$recycle.bin",
    "__macosx",
    "__pycache__",
    "lost+found",
    "system volume information",
];
/// The same inside of a class; on their own they may be classes.
const FOLDERS_OF_THUMBNAILS: [&str; 4] = ["thumbs", "thumbnails", "thumb", "thumbnail"];

/// The images in some folders, and what else was there.
#[derive(Debug, Default)]
pub(crate) struct Search {
    images: Vec<PathBuf>,
    /// How many images were known by their content, by suffix.
    by_content: BTreeMap<String, usize>,
    /// How many files are no images, by suffix.
    others: BTreeMap<String, usize>,
    thumbnails: Vec<PathBuf>,
    /// Folders of masks beside those of the images that these are of.
    mask_folders: Vec<PathBuf>,
    /// Images that are called as masks or thumbnails of others in their folder: how many, and the first.
    masks: Option<(usize, PathBuf)>,
    /// Links to folders that a class has already by another link.
    linked_again: Vec<PathBuf>,
}

impl Search {
    /// The images in a folder and those below, sorted by folder and then by name.
    pub(crate) fn images_in(&mut self, folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
        let mut walk = WalkDir::new(folder).follow_links(true).into_iter();
        // Thirty folders with two links each to the next would be gone through a billion times.
        let mut linked = BTreeSet::new();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.without(folder, error)?;
                    continue;
                }
            };
            let is_folder = entry.file_type().is_dir();
            if entry.depth() > 0 && is_hidden(&entry) {
                if is_folder {
                    walk.skip_current_dir();
                }
            } else if is_folder {
                if entry.path_is_symlink() {
                    let target = checked_link(folder, entry.path()).map_err(|source| {
                        let path = entry.path().to_owned();
                        DatasetError::ReadFolder { path, source }
                    })?;
                    if !linked.insert(target) {
                        self.linked_again.push(entry.into_path());
                        walk.skip_current_dir();
                        continue;
                    }
                }
                let name = entry.file_name().to_string_lossy().to_lowercase();
                let kind = match entry.depth() {
                    0 => None,
                    _ if is_for_thumbnails(&name) => Some(&mut self.thumbnails),
                    _ if OF_OTHERS.contains(&&*name) && has_images_beside(entry.path()) => {
                        Some(&mut self.mask_folders)
                    }
                    _ => None,
                };
                if let Some(kind) = kind {
                    kind.push(entry.into_path());
                    walk.skip_current_dir();
                }
            } else if entry.file_type().is_file() && self.is_image(entry.path())? {
                self.images.push(entry.into_path());
            }
        }
        // As texts, not as paths: `a-b` comes before `a/b`, as in Python.
        let key = |path: &PathBuf| {
            let text = |text: Option<&std::ffi::OsStr>| {
                text.map(|text| text.as_encoded_bytes().to_vec())
                    .unwrap_or_default()
            };
            (
                text(path.parent().map(Path::as_os_str)),
                text(path.file_name()),
            )
        };
        self.images.sort_by_cached_key(key);
        Ok(self.without_masks())
    }

    /// The images that were found without those that are called as masks or thumbnails of others among them.
    fn without_masks(&mut self) -> Vec<PathBuf> {
        let images = std::mem::take(&mut self.images);
        if !images.iter().any(|path| of_image(path).is_some()) {
            return images;
        }
        let names: BTreeSet<PathBuf> = images.iter().map(|path| path.with_extension("")).collect();
        let is_mask = |path: &PathBuf| of_image(path).is_some_and(|of| names.contains(&of));
        let (masks, images): (Vec<PathBuf>, Vec<PathBuf>) = images.into_iter().partition(is_mask);
        if let Some(first) = masks.first() {
            let (count, _) = self.masks.get_or_insert_with(|| (0, first.clone()));
            *count += masks.len();
        }
        images
    }

    /// Whether a file is an image, and counted where its name does not say so.
    pub(crate) fn is_image(&mut self, path: &Path) -> Result<bool, DatasetError> {
        let suffix = suffix_of(path);
        if SUFFIXES.contains(&suffix.as_str()) {
            return Ok(true);
        }
        let kind = kind_of_file(path).map_err(|source| DatasetError::Read {
            path: path.to_owned(),
            source,
        })?;
        let counts = match kind {
            Some(_) => &mut self.by_content,
            None => &mut self.others,
        };
        *counts.entry(suffix).or_default() += 1;
        Ok(kind.is_some())
    }

    /// A link that leads nowhere is an image that cannot be read, where it is called like one.
    fn without(&mut self, folder: &Path, error: walkdir::Error) -> Result<(), DatasetError> {
        let path = error.path().unwrap_or(folder).to_owned();
        if !is_dead_link(&path) {
            return Err(DatasetError::ReadFolder {
                path,
                source: error.into(),
            });
        }
        let suffix = suffix_of(&path);
        match SUFFIXES.contains(&suffix.as_str()) {
            true => self.images.push(path),
            false => *self.others.entry(suffix).or_default() += 1,
        }
        Ok(())
    }

    /// Says in `report` what was known by its content, and what was left aside.
    pub(crate) fn tell(&self, report: &mut ReadingReport) {
        let count = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
        if !self.by_content.is_empty() {
            report.remarks.push(format!(
                "{} files are images by their content, though called otherwise: {}",
                count(&self.by_content),
                by_suffix(&self.by_content)
            ));
        }
        if !self.others.is_empty() {
            let files = format!(
                "{} files of classes ({})",
                count(&self.others),
                by_suffix(&self.others)
            );
            report.leave_aside(&files, "they are no images");
        }
        for folder in &self.thumbnails {
            report.leave_aside(&format!("{}/", folder.display()), "a folder of thumbnails");
        }
        for folder in &self.mask_folders {
            let folder = format!("{}/", folder.display());
            report.leave_aside(&folder, "a folder of masks, beside that of the images");
        }
        if let Some((count, first)) = &self.masks {
            let files = format!("{count} images such as {}", first.display());
            report.leave_aside(
                &files,
                "they are called as masks or thumbnails of others beside them",
            );
        }
        for link in &self.linked_again {
            let folder = format!("{}/", link.display());
            report.leave_aside(&folder, "another link to a folder of the same class");
        }
    }
}

/// What is made of an image, as the last word of its name: `a_mask.png` beside `a.png`.
const OF_OTHERS: [&str; 10] = [
    "annotations",
    "groundtruth",
    "gt",
    "mask",
    "masks",
    "seg",
    "segmentation",
    "segmentations",
    "thumb",
    "thumbnail",
];

/// The image, without its suffix, that another is a mask or a thumbnail of, by what this is called.
fn of_image(path: &Path) -> Option<PathBuf> {
    let is_mark = |c: char| "_-. ".contains(c);
    let name = path.file_stem()?.to_str()?;
    // Several masks of one image are numbered.
    let name = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        numbered if numbered.ends_with(is_mark) => &numbered[..numbered.len() - 1],
        _ => name,
    };
    let at = name.rfind(is_mark)?;
    let is_of_other = OF_OTHERS.contains(&&*name[at + 1..].to_lowercase());
    is_of_other.then(|| path.with_file_name(&name[..at]))
}

/// Whether a folder is one of masks, or of other labels, beside that of the images that these are of.
pub(crate) fn is_of_images_beside(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    (OF_OTHERS.contains(&&*name) || name == "labels") && has_images_beside(folder)
}

fn has_images_beside(folder: &Path) -> bool {
    let is_there = |name: &str| folder.with_file_name(name).is_dir();
    ["images", "Images", "image", "imgs"]
        .into_iter()
        .any(is_there)
}

/// Where a link leads. One to `/`, or to whatever else the data lie in, would have all of that read.
fn checked_link(folder: &Path, link: &Path) -> io::Result<PathBuf> {
    let data = fs::canonicalize(folder.parent().unwrap_or(folder).join("."))?;
    let target = fs::canonicalize(link)?;
    match data.starts_with(&target) {
        false => Ok(target),
        true => Err(io::Error::other(
            "it links to a folder that the data themselves lie in",
        )),
    }
}

/// Whether the name of a file ends as those of images do.
pub(crate) fn called_image(path: &Path) -> bool {
    SUFFIXES.contains(&suffix_of(path).as_str())
}

/// In small letters.
fn suffix_of(path: &Path) -> String {
    let suffix = path.extension().unwrap_or_default();
    suffix.to_string_lossy().to_lowercase()
}

/// Whether it is a link to what is not there.
pub(crate) fn is_dead_link(path: &Path) -> bool {
    path.is_symlink() && !path.exists()
}

/// Whether a folder of this name (in small letters) is none of classes.
pub(crate) fn is_of_a_program(name: &str) -> bool {
    FOLDERS_OF_PROGRAMS.contains(&name)
}

fn is_for_thumbnails(name: &str) -> bool {
    is_of_a_program(name) || FOLDERS_OF_THUMBNAILS.contains(&name)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn by_suffix(counts: &BTreeMap<String, usize>) -> String {
    let told = counts.iter().map(|(suffix, count)| match suffix.as_str() {
        "" => format!("{count} without a suffix"),
        suffix => format!("{count} .{suffix}"),
    });
    told.collect::<Vec<_>>().join(", ")
}
