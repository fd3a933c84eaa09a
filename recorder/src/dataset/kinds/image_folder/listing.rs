//! What lies right in a folder, and which of its folders are parts of a data set or classes: by their names
//! and by what they hold. What only looks like classes is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use logformat::{Label, PartName};

use crate::dataset::files::part_names::{part_called, part_in_name};
use crate::dataset::kinds::image_folder::search::{
    Search, is_dead_link, is_of_a_program, is_of_images_beside,
};
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// A folder, and its name in the one form that names are compared in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Folder {
    pub name: String,
    pub path: PathBuf,
}

/// What lies right in a folder; hidden files and folders, and those that programs make, are left out.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// By name.
    pub folders: Vec<Folder>,
    pub images: Vec<PathBuf>,
    /// Other files.
    pub files: Vec<PathBuf>,
    pub dead_links: Vec<PathBuf>,
    /// Folders of thumbnails and of what was deleted.
    pub of_programs: Vec<PathBuf>,
}

impl Listing {
    pub(crate) fn of(folder: &Path) -> Result<Self, DatasetError> {
        let failed = |source| DatasetError::ReadFolder {
            path: folder.to_owned(),
            source,
        };
        let mut listing = Self::default();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_link = entry.file_type().map_err(failed)?.is_symlink();
            let path = entry.path();
            let is_folder = match is_link {
                true => path.is_dir(),
                false => entry.file_type().map_err(failed)?.is_dir(),
            };
            let name = path.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if is_link && is_dead_link(&path) {
                listing.dead_links.push(path);
            } else if !is_folder {
                match path.is_file() && Search::default().is_image(&path)? {
                    true => listing.images.push(path),
                    false => listing.files.push(path),
                }
            } else if is_of_a_program(&name.to_lowercase()) {
                listing.of_programs.push(path);
            } else {
                let name = Label::Text(&name).name().into_owned();
                listing.folders.push(Folder { name, path });
            }
        }
        listing
            .folders
            .sort_by(|one, other| (&one.name, &one.path).cmp(&(&other.name, &other.path)));
        for paths in [
            &mut listing.images,
            &mut listing.files,
            &mut listing.dead_links,
        ] {
            paths.sort();
        }
        Ok(listing)
    }

    /// The folder that holds what `folder` is about: archives are often unpacked into a folder of their own name,
    /// `train/train/cat`. A class, which has its images in it, is never gone into, and neither is a part, unless
    /// it is in a folder of its name.
    pub(crate) fn unwrapped(folder: &Path) -> Result<PathBuf, DatasetError> {
        let mut folder = folder.to_owned();
        loop {
            let listing = Self::of(&folder)?;
            let [only] = &listing.folders[..] else {
                return Ok(folder);
            };
            let is_part = part_called(&only.name).is_some();
            let has_this_name = folder.file_name() == only.path.file_name();
            // A link may lead anywhere.
            if is_part && !has_this_name || only.path.is_symlink() {
                return Ok(folder);
            }
            let inner = Self::of(&only.path)?;
            if !listing.images.is_empty() || !inner.images.is_empty() || inner.folders.is_empty() {
                return Ok(folder);
            }
            folder.clone_from(&only.path);
        }
    }

    /// The files right in a folder, where it can be read.
    pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|path| path.is_file());
        files.sort();
        files
    }

    /// The folders that are parts of a data set, in the order of their preference. A folder with images right
    /// in it is a class that happens to be called so, unless it holds more of them in folders. Where no folder is
    /// called so alone, those are parts that share another word, as `seg_train` and `seg_test` do.
    pub(crate) fn parts(&self) -> Result<Vec<(PartName, &Folder)>, DatasetError> {
        let of_word = |shared: &[String]| -> Result<Vec<(PartName, &Folder)>, DatasetError> {
            let mut parts = Vec::new();
            for folder in &self.folders {
                if let Some((part, rest)) = part_in_name(&folder.name)
                    && rest == shared
                    && holds_classes(&folder.path)?
                {
                    parts.push((part, folder));
                }
            }
            Ok(parts)
        };
        let mut parts = of_word(&[])?;
        let named = self
            .folders
            .iter()
            .filter_map(|folder| part_in_name(&folder.name));
        let mut train = named.filter(|(part, _)| *part == PartName::Train);
        if let (true, Some((_, shared)), None) = (parts.is_empty(), train.next(), train.next()) {
            parts = of_word(&shared)?;
            // One alone may be a class, as `express_train` is.
            if parts.len() < 2 {
                parts.clear();
            }
        }
        parts.sort_by_key(|(part, folder)| (*part, folder.name.clone()));
        Ok(parts)
    }
}

fn holds_classes(folder: &Path) -> Result<bool, DatasetError> {
    let listing = Listing::of(folder)?;
    if listing.images.is_empty() || listing.folders.len() < 2 {
        return Ok(listing.images.is_empty());
    }
    let mut in_folders = 0;
    for class in &listing.folders {
        in_folders += Search::default().images_in(&class.path)?.len();
        if in_folders > listing.images.len() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an image lies right in a folder: the first that is met is enough, since a class may have a million.
fn holds_an_image(folder: &Path) -> Result<bool, DatasetError> {
    let failed = |source| DatasetError::ReadFolder {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        if !is_hidden && path.is_file() && Search::default().is_image(&path)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses folders that look like classes and are none: where none of them has an image right in it, but
/// several folders each. Parts look so, and sets whose folders are made of the first digits of names. A class that
/// holds nothing but parts is refused, too: those for the test would be trained on. So are one that holds nothing but
/// the classes once more, as a copy of the set does, and masks beside their images.
pub(crate) fn check_are_classes(part: &Path, classes: &[Folder]) -> Result<(), DatasetError> {
    for class in classes {
        if is_of_images_beside(&class.path) {
            return Err(DatasetError::from(LayoutError::MasksAsClass {
                path: class.path.clone(),
            }));
        }
        if holds_an_image(&class.path)? {
            continue;
        }
        let inner = Listing::of(&class.path)?.folders;
        let is_class = |folder: &Folder| classes.iter().any(|class| class.name == folder.name);
        if inner.len() > 1 && inner.iter().all(is_class) {
            return Err(DatasetError::from(LayoutError::ClassOfClasses {
                class: class.path.clone(),
                first: inner[0].name.clone(),
            }));
        }
        let is_part = |folder: &Folder| part_called(&folder.name).is_some();
        if inner.len() > 1 && inner.iter().all(is_part) {
            let names = inner.into_iter().map(|folder| folder.name);
            return Err(DatasetError::from(LayoutError::ClassOfParts {
                class: class.path.clone(),
                parts: names.collect::<Vec<_>>().join(", "),
            }));
        }
    }
    let mut inner: Option<BTreeSet<String>> = None;
    let mut are_alike = true;
    for class in classes {
        let listing = Listing::of(&Listing::unwrapped(&class.path)?)?;
        if !listing.images.is_empty() || listing.folders.len() < 2 {
            return Ok(());
        }
        let names = listing.folders.into_iter().map(|folder| folder.name);
        let names: BTreeSet<String> = names.collect();
        are_alike &= inner.as_ref().is_none_or(|inner| *inner == names);
        inner.get_or_insert(names);
    }
    let Some(inner) = inner else {
        return Ok(());
    };
    let told = |names: Vec<String>| {
        let mut told = names[..names.len().min(3)].join(", ");
        if names.len() > 3 {
            told += ", …";
        }
        told
    };
    let path = part.to_owned();
    let folders = told(classes.iter().map(|class| class.name.clone()).collect());
    let inner = told(inner.into_iter().collect());
    let are_numbers = classes
        .iter()
        .all(|class| class.name.bytes().all(|c| c.is_ascii_hexdigit()));
    Err(match are_alike && !are_numbers {
        true => DatasetError::from(LayoutError::FoldersAreParts {
            path,
            folders,
            inner,
        }),
        false => DatasetError::from(LayoutError::FoldersOfFolders {
            path,
            folders,
            inner,
        }),
    })
}

/// Two or more folders, each a class of its own name.
pub(crate) fn check_count(
    part: &Path,
    classes: &[Folder],
    expected: &str,
) -> Result<(), DatasetError> {
    if let Some([first, second]) = classes
        .array_windows()
        .find(|[one, next]| one.name == next.name)
    {
        return Err(DatasetError::from(LayoutError::SameClassTwice {
            first: first.path.clone(),
            second: second.path.clone(),
        }));
    }
    match classes.len() < 2 {
        false => Ok(()),
        true => Err(DatasetError::NoClasses {
            path: part.to_owned(),
            found: classes.len(),
            expected: expected.to_owned(),
        }),
    }
}
