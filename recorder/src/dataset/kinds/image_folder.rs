//! A folder of images for each class, as torchvision's `ImageFolder` reads it: classes in the order of
//! their folders' names, images at any depth, in the same order. Unlike there, hidden files, and folders that
//! programs make, are left out, images are known by their content where their names say nothing, the
//! test part is held to the classes of the training part, and what only looks like classes is refused.

pub(crate) mod listing;
pub(crate) mod lists;
pub(crate) mod search;

use std::path::{Path, PathBuf};

use logformat::PartName;

use crate::dataset::files::classes::{StoredLabels, UNKNOWN_CLASS};
use crate::dataset::files::finding::check_unpacked;
use crate::dataset::files::part_names::{part_called, part_in_name};
use crate::dataset::images::encoded::{EncodedSamples, EncodedSet};
use crate::dataset::images::source::EncodedSource;
use crate::dataset::kinds::image_folder::listing::{
    Folder, Listing, check_are_classes, check_count,
};
use crate::dataset::kinds::image_folder::search::Search;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_OPTIONS};
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;
use crate::error::run::RecorderError;

/// Images of one's own in folders.
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

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let root = settings.path(EXPECTED)?;
    check_folder(root)?;
    let root = &Listing::unwrapped(root)?;
    let listing = Listing::of(root)?;
    for file in &listing.files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if part_called(&name).is_some() {
            check_folder(file)?;
        }
    }
    let parts = listing.parts()?;
    let of = |wanted: PartName| {
        let fits = parts.iter().filter(move |(part, _)| *part == wanted);
        fits.map(|(_, folder)| *folder).collect::<Vec<&Folder>>()
    };
    let mut reading = FolderReading::new(settings);
    let set = match &of(PartName::Train)[..] {
        [] => {
            if let Some((_, part)) = parts.first() {
                let path = part.path.clone();
                return Err(DatasetError::from(LayoutError::NoTrainingFolder { path }).into());
            }
            if !settings.needs_labels && listing.folders.len() < 2 {
                return Ok(reading.unlabelled(root)?.decode(settings)?);
            }
            let classes = reading.classes(root, listing)?;
            check_are_no_parts(root, &classes)?;
            reading.set(classes, None)?
        }
        [train] => {
            let tests = [of(PartName::Test), of(PartName::Validation)].concat();
            reading.leave_aside(&listing, [&[*train], &tests[..]].concat())?;
            let train = Listing::unwrapped(&train.path)?;
            let classes = reading.classes(&train, Listing::of(&train)?)?;
            let test = reading.test_part(&train, &classes, &tests)?;
            reading.set(classes, test)?
        }
        [first, second, ..] => {
            return Err(DatasetError::from(LayoutError::SeveralTrainingParts {
                first: first.path.clone(),
                second: second.path.clone(),
            })
            .into());
        }
    };
    Ok(set.decode(settings)?)
}

fn check_folder(path: &Path) -> Result<(), DatasetError> {
    if path.is_file() {
        check_unpacked(path)?;
    }
    let expected = EXPECTED.to_owned();
    let path = path.to_owned();
    match (path.exists(), path.is_dir()) {
        (false, _) => Err(DatasetError::NoSuchPath { path, expected }),
        (true, false) => Err(DatasetError::NotAFolder { path, expected }),
        (true, true) => Ok(()),
    }
}

/// Refuses images in no folders of classes where a list of their labels lies beside them.
fn check_no_list(part: &Path, listing: &Listing) -> Result<(), DatasetError> {
    let inner = listing.folders.first().map(|only| Listing::of(&only.path));
    let inner = inner.transpose()?.unwrap_or_default();
    let files = [&listing.files[..], &inner.files].concat();
    let images = [&listing.images[..], &inner.images].concat();
    match lists::beside(&files, &images) {
        None => Ok(()),
        Some(list) => Err(DatasetError::from(LayoutError::ListBesideImages {
            path: part.to_owned(),
            list,
        })),
    }
}

/// Refuses `train/` and `test/` as classes, which hold images alone where a list beside them has the labels, and
/// `rose-train/` and `rose-test/`.
fn check_are_no_parts(root: &Path, classes: &[Folder]) -> Result<(), DatasetError> {
    let named = |folder: &Folder| Some((part_in_name(&folder.name)?, folder.name.clone()));
    let (train, others): (Vec<_>, Vec<_>) = classes
        .iter()
        .filter_map(named)
        .partition(|((part, _), _)| *part == PartName::Train);
    for ((_, rest), train) in train {
        if let Some((_, other)) = others.iter().find(|((_, of), _)| *of == rest) {
            return Err(DatasetError::from(LayoutError::PartsWithoutClasses {
                path: root.to_owned(),
                train,
                other: other.clone(),
            }));
        }
    }
    Ok(())
}

/// A set of folders as far as it was read, and what was left aside.
struct FolderReading<'a> {
    settings: &'a DatasetSettings,
    search: Search,
    report: ReadingReport,
}

impl<'a> FolderReading<'a> {
    fn new(settings: &'a DatasetSettings) -> Self {
        Self {
            settings,
            search: Search::default(),
            report: ReadingReport {
                labels: Some("the names of the folders".to_owned()),
                ..ReadingReport::default()
            },
        }
    }

    /// Notes what lies beside the parts, which are these folders.
    fn leave_aside(&mut self, listing: &Listing, parts: Vec<&Folder>) -> Result<(), DatasetError> {
        let others = listing.folders.iter();
        let others = others.filter(|folder| !parts.contains(folder));
        let others: Vec<PathBuf> = others.map(|folder| folder.path.clone()).collect();
        self.note(&others, "a folder beside the parts");
        self.note(&listing.images, "an image in no part");
        self.leave_rest_aside(listing)
    }

    /// Files that are no images, links that lead nowhere and what programs made, beside the folders.
    fn leave_rest_aside(&mut self, listing: &Listing) -> Result<(), DatasetError> {
        if let Some(link) = listing.dead_links.first()
            && !self.settings.skip_unreadable
        {
            return Err(DatasetError::from(LayoutError::DeadLink {
                path: link.clone(),
            }));
        }
        self.note(&listing.dead_links, "a link that leads nowhere");
        self.note(&listing.files, "a file that is no image");
        let of_programs = &listing.of_programs;
        self.note(of_programs, "a folder that a program made for itself");
        Ok(())
    }

    fn note(&mut self, paths: &[PathBuf], why: &str) {
        for path in paths {
            self.report.leave_aside(&path.display().to_string(), why);
        }
    }

    /// The classes of a part: two or more folders that hold images.
    fn classes(&mut self, part: &Path, listing: Listing) -> Result<Vec<Folder>, DatasetError> {
        self.leave_rest_aside(&listing)?;
        if listing.folders.is_empty() {
            listing
                .files
                .iter()
                .try_for_each(|file| check_unpacked(file))?;
        }
        if let [] | [_] = &listing.folders[..] {
            check_no_list(part, &listing)?;
        }
        check_count(part, &listing.folders, EXPECTED)?;
        check_are_classes(part, &listing.folders)?;
        // Labels from a file are not the folders', whatever lists say.
        if self.settings.label_file.is_none() {
            let names: Vec<String> = names(&listing.folders);
            let around = part.parent().map(Listing::files_in).unwrap_or_default();
            lists::check(&[&listing.files[..], &around].concat(), part, &names)?;
        }
        self.note(&listing.images, "an image in no folder of a class");
        Ok(listing.folders)
    }

    /// The first part for the test that has the classes. The test images of ImageNet and others have none:
    /// then those for validation must do.
    fn test_part(
        &mut self,
        train: &Path,
        classes: &[Folder],
        tests: &[&Folder],
    ) -> Result<Option<Vec<Folder>>, DatasetError> {
        let mut found = None;
        let mut left = Vec::new();
        for test in tests {
            let listing = Listing::of(&Listing::unwrapped(&test.path)?)?;
            let has_class = listing.folders.iter().any(|folder| {
                let name = &folder.name;
                classes.iter().any(|class| class.name == *name)
            });
            match has_class && found.is_none() {
                true => found = Some((*test, listing)),
                false => left.push((test.path.clone(), has_class)),
            }
        }
        let Some((test, listing)) = found else {
            // No part has the classes: what the first has is told, where it has any.
            let first = tests
                .first()
                .map(|test| Listing::of(&test.path))
                .transpose()?;
            if let (Some(test), Some(first)) = (tests.first(), first)
                && !first.folders.is_empty()
            {
                check_same(train, classes, &test.path, &first.folders)?;
            }
            let left: Vec<PathBuf> = left.into_iter().map(|(path, _)| path).collect();
            self.note(&left, "it has no folders of the classes");
            return Ok(None);
        };
        let of = |is_wanted: bool| -> Vec<PathBuf> {
            let fits = left.iter().filter(|(_, has_class)| *has_class == is_wanted);
            fits.map(|(path, _)| path.clone()).collect()
        };
        let (unneeded, without) = (of(true), of(false));
        self.note(&without, "it has no folders of the classes");
        self.note(&unneeded, "the part for the test is taken instead");
        check_same(train, classes, &test.path, &listing.folders)?;
        Ok(Some(self.classes(&test.path, listing)?))
    }

    /// Images in no folders of classes, of which nothing but the images is asked.
    fn unlabelled(mut self, root: &Path) -> Result<EncodedSet, DatasetError> {
        let class = Folder {
            name: UNKNOWN_CLASS.to_owned(),
            path: root.to_owned(),
        };
        self.report.labels = None;
        self.set(vec![class], None)
    }

    fn set(
        mut self,
        classes: Vec<Folder>,
        test: Option<Vec<Folder>>,
    ) -> Result<EncodedSet, DatasetError> {
        let class_names = names(&classes);
        let train = self.images(&classes, true)?;
        let test = test.map(|test| self.images(&test, false)).transpose()?;
        self.search.tell(&mut self.report);
        Ok(EncodedSet {
            train,
            test,
            class_names: Some(class_names),
            report: self.report,
        })
    }

    /// The images of all classes; for training, each must have some.
    fn images(
        &mut self,
        classes: &[Folder],
        is_training: bool,
    ) -> Result<EncodedSamples, DatasetError> {
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        for (label, class) in (0..).zip(classes) {
            let images = self.search.images_in(&class.path)?;
            if images.is_empty() && is_training {
                let path = class.path.clone();
                return Err(DatasetError::EmptyClass { path });
            }
            labels.extend(images.iter().map(|_| label));
            files.extend(images);
        }
        Ok(encoded_files(files, labels))
    }
}

fn names(classes: &[Folder]) -> Vec<String> {
    classes.iter().map(|class| class.name.clone()).collect()
}

fn check_same(
    train: &Path,
    classes: &[Folder],
    test: &Path,
    test_classes: &[Folder],
) -> Result<(), DatasetError> {
    let missing = |of: &[Folder], among: &[Folder]| {
        let is_missing = |class: &&Folder| !among.iter().any(|other| other.name == class.name);
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

/// Samples that are a file each.
pub(crate) fn encoded_files(files: Vec<PathBuf>, labels: Vec<i64>) -> EncodedSamples {
    EncodedSamples {
        origins: Origins {
            files: files
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            rows: (0..files.len() as u32).map(|file| (file, 0)).collect(),
            ..Origins::default()
        },
        labels: StoredLabels::Indices(labels),
        images: EncodedSource::Files(files),
    }
}

#[cfg(test)]
mod tests;
