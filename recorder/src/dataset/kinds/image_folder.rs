//! A folder of images for each class, as torchvision's `ImageFolder` reads it: classes in the order of
//! their folders' names, images at any depth, by the same suffixes and in the same order. Unlike there,
//! hidden files and folders are left out, and the test part is held to the classes of the training part.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::images::encoded::{EncodedSamples, EncodedSet};
use crate::dataset::images::source::EncodedSource;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_OPTIONS};
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

pub(crate) static IMAGES: DatasetKind = DatasetKind {
    name: "images",
    help: "Images of your own in a folder per class, with train/ and test/ or val/ around them or not",
    is_format: true,
    has_images: true,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: IMAGE_OPTIONS,
    unused_reason: "its classes and images are told by folders and files",
    load: |settings, _| load(settings),
};

const EXPECTED: &str =
    "a folder of images for each class, in the folder itself or in train/ and test/ or val/ there";

/// What names of images end in, in whichever case: torchvision's `IMG_EXTENSIONS`, and GIF. Those that
/// are not built in are refused by name rather than left out in silence.
const SUFFIXES: [&str; 10] = [
    "jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif", "tiff", "webp", "gif",
];
/// What the folder of the training part is called.
const TRAIN: &str = "train";
/// What folders of parts for the test are called, the preferred first.
const TESTS: [&str; 4] = ["test", "val", "valid", "validation"];

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let root = settings.path(EXPECTED)?;
    check_folder(root)?;
    let train = root.join(TRAIN);
    let set = match is_part(&train)? {
        false => EncodedSet {
            class_names: Some(class_names(&read_classes(root)?)),
            train: encoded(read_classes(root)?, true)?,
            test: None,
            report: ReadingReport::default(),
        },
        true => in_parts(root, &train)?,
    };
    Ok(set.decode(settings)?)
}

fn in_parts(root: &Path, train: &Path) -> Result<EncodedSet, DatasetError> {
    let classes = read_classes(train)?;
    let class_names = class_names(&classes);
    // The test images of ImageNet and others have no classes: then those for validation must do.
    let mut test = None;
    for name in TESTS {
        let folder = root.join(name);
        if test.is_none() && is_part(&folder)? && !folders_in(&folder)?.is_empty() {
            test = Some(folder);
        }
    }
    let test = match test {
        None => None,
        Some(test) => {
            let test_classes = read_classes(&test)?;
            check_same(train, &classes, &test, &test_classes)?;
            Some(encoded(test_classes, false)?)
        }
    };
    Ok(EncodedSet {
        train: encoded(classes, true)?,
        test,
        class_names: Some(class_names),
        report: ReadingReport::default(),
    })
}

fn check_folder(path: &Path) -> Result<(), DatasetError> {
    let expected = EXPECTED.to_owned();
    let path = path.to_owned();
    match (path.exists(), path.is_dir()) {
        (false, _) => Err(DatasetError::NoSuchPath { path, expected }),
        (true, false) => Err(DatasetError::NotAFolder { path, expected }),
        (true, true) => Ok(()),
    }
}

/// Whether a folder of that name is there and holds folders of classes; one with images right in it is
/// a class that happens to be called so.
fn is_part(folder: &Path) -> Result<bool, DatasetError> {
    if !folder.exists() {
        return Ok(false);
    }
    check_folder(folder)?;
    let mut entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let is_class = entries.any(|entry| entry.is_ok_and(|entry| is_image(&entry.path())));
    Ok(!is_class)
}

/// The folder of a class, and its name.
struct Class {
    name: String,
    folder: PathBuf,
}

fn class_names(classes: &[Class]) -> Vec<String> {
    classes.iter().map(|class| class.name.clone()).collect()
}

/// The classes of a part: two or more.
fn read_classes(part: &Path) -> Result<Vec<Class>, DatasetError> {
    let classes = folders_in(part)?;
    if classes.len() < 2 {
        return Err(DatasetError::NoClasses {
            path: part.to_owned(),
            found: classes.len(),
            expected: EXPECTED.to_owned(),
        });
    }
    Ok(classes)
}

fn folders_in(part: &Path) -> Result<Vec<Class>, DatasetError> {
    let failed = |error| unreadable(part, error);
    let mut classes = Vec::new();
    for entry in fs::read_dir(part).map_err(failed)? {
        let folder = entry.map_err(failed)?.path();
        let name = folder.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        if folder.is_dir() && !name.starts_with('.') {
            classes.push(Class { name, folder });
        }
    }
    classes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(classes)
}

fn check_same(
    train: &Path,
    classes: &[Class],
    test: &Path,
    test_classes: &[Class],
) -> Result<(), DatasetError> {
    let missing = |of: &[Class], among: &[Class]| {
        let is_missing = |class: &&Class| !among.iter().any(|other| other.name == class.name);
        of.iter().find(is_missing).map(|class| class.name.clone())
    };
    let differ = |class, lacking: &Path, having: &Path| DatasetError::ClassesDiffer {
        class,
        lacking: lacking.to_owned(),
        having: having.to_owned(),
    };
    match (
        missing(test_classes, classes),
        missing(classes, test_classes),
    ) {
        (Some(class), _) => Err(differ(class, train, test)),
        (None, Some(class)) => Err(differ(class, test, train)),
        (None, None) => Ok(()),
    }
}

/// The images of all classes; for training, each must have some.
fn encoded(classes: Vec<Class>, is_training: bool) -> Result<EncodedSamples, DatasetError> {
    let (mut files, mut labels) = (Vec::new(), Vec::new());
    for (label, class) in (0..).zip(classes) {
        let images = images_in(&class.folder)?;
        if images.is_empty() && is_training {
            return Err(DatasetError::EmptyClass { path: class.folder });
        }
        labels.extend(images.iter().map(|_| label));
        files.extend(images);
    }
    Ok(encoded_files(files, labels))
}

/// Samples that are a file each.
pub(crate) fn encoded_files(files: Vec<PathBuf>, labels: Vec<i64>) -> EncodedSamples {
    EncodedSamples {
        origins: Origins {
            files: files
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            rows: (0..files.len() as u32).map(|file| (file, 0)).collect(),
            kept: None,
        },
        labels: StoredLabels::Indices(labels),
        images: EncodedSource::Files(files),
    }
}

/// All images in a folder and those below, sorted by folder and then by name.
pub(crate) fn images_in(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let is_hidden = |entry: &DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let entries = WalkDir::new(folder).follow_links(true).into_iter();
    let mut images = Vec::new();
    for entry in entries.filter_entry(|entry| !is_hidden(entry)) {
        let entry = entry.map_err(|error| unreadable(folder, error.into()))?;
        if entry.path_is_symlink() && entry.file_type().is_dir() {
            check_link(folder, entry.path()).map_err(|error| unreadable(entry.path(), error))?;
        }
        if entry.file_type().is_file() && is_image(entry.path()) {
            images.push(entry.into_path());
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
    images.sort_by_cached_key(key);
    Ok(images)
}

/// A link to `/`, or to whatever else the data lie in, would have all of that read.
fn check_link(folder: &Path, link: &Path) -> io::Result<()> {
    let data = fs::canonicalize(folder.parent().unwrap_or(folder).join("."))?;
    match data.starts_with(fs::canonicalize(link)?) {
        false => Ok(()),
        true => Err(io::Error::other(
            "it links to a folder that the data themselves lie in",
        )),
    }
}

fn is_image(path: &Path) -> bool {
    let is_hidden = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let suffix = path
        .extension()
        .map(|suffix| suffix.to_string_lossy().to_lowercase());
    !is_hidden && suffix.is_some_and(|suffix| SUFFIXES.contains(&suffix.as_str()))
}

fn unreadable(folder: &Path, source: std::io::Error) -> DatasetError {
    DatasetError::ReadFolder {
        path: folder.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
