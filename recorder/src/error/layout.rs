//! Why folders, lists and shards of images are not what they look like.

use std::path::{Path, PathBuf};

/// What can be wrong with how images are laid out. The text is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// Folders hold the same folders each.
    #[error("{}/: its folders ({folders}) hold no images but the same folders ({inner}), so they look like parts and not like classes", path.display())]
    FoldersAreParts {
        /// The folder around them.
        path: PathBuf,
        /// The first of them.
        folders: String,
        /// The first folders in these.
        inner: String,
    },
    /// A class holds parts.
    #[error("{}/: it holds nothing but folders of parts ({parts}), all of which would be trained on; put those of the classes into those of the parts, such as train/{}", class.display(), class.file_name().unwrap_or_default().display())]
    ClassOfParts {
        /// The folder of the class.
        class: PathBuf,
        /// The folders in it.
        parts: String,
    },
    /// A class holds the classes once more.
    #[error("{}/: it holds nothing but folders that are called as classes beside it, such as {first}, all of whose images would be one class; move it elsewhere, or what is in it into those classes", class.display())]
    ClassOfClasses {
        /// The folder of the class.
        class: PathBuf,
        /// One of the folders in it.
        first: String,
    },
    /// Masks lie beside the images that they are of.
    #[error("{}/: it is called as what belongs to the images beside it is, masks or labels, and both would be classes; give the images in a folder for each class, or in a list with their labels", path.display())]
    MasksAsClass {
        /// The folder of the masks.
        path: PathBuf,
    },
    /// Files are divisions of one set.
    #[error("{} and {}: by their names these are folds of one set, whose samples would be there several times", first.display(), second.display())]
    Folds {
        /// A fold.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
    /// Features have no labels, and another file may have them.
    #[error("{}: no column of it is called label, but {} beside it is called as labels are", path.display(), labels.display())]
    LabelsBeside {
        /// The features.
        path: PathBuf,
        /// The other file.
        labels: PathBuf,
    },
    /// A list is JSON.
    #[error("{}: it is JSON, which is not read; make a table of it, for lines of JSON as by `pandas.read_json(FILE, lines=True).to_csv(\"list.csv\", index=False)`", path.display())]
    Json {
        /// The list.
        path: PathBuf,
    },
    /// A file is an archive, or compressed.
    #[error("{}: it is packed, by its name; unpack it, and give what was in it", path.display())]
    Packed {
        /// The file.
        path: PathBuf,
    },
    /// Files are versions of one set.
    #[error("{} and {}: by their names these are versions of one set, whose samples would be there twice", first.display(), second.display())]
    Versions {
        /// A version.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
    /// Shards are of two versions of a set.
    #[error("{} and {}: by their names they are shards of other numbers of files, and so of two versions of the set, whose samples would be there twice; leave those of one", first.display(), second.display())]
    ShardsOfTwo {
        /// A shard.
        first: PathBuf,
        /// One of another number.
        second: PathBuf,
    },
    /// Folders hold folders.
    #[error("{}/: its folders ({folders}) hold no images but folders again ({inner}), so they are no classes", path.display())]
    FoldersOfFolders {
        /// The folder around them.
        path: PathBuf,
        /// The first of them.
        folders: String,
        /// The first folders in these.
        inner: String,
    },
    /// A list labels images otherwise than their folders do.
    #[error("{}: it gives images in {}/ other labels than their folders ({line})", list.display(), path.display())]
    ListBesideFolders {
        /// The folder of the classes.
        path: PathBuf,
        /// The list.
        list: PathBuf,
        /// The first line that does so.
        line: String,
    },
    /// Two files or folders are called train.
    #[error("{} and {}: both are called like a part for training; leave one of them", first.display(), second.display())]
    SeveralTrainingParts {
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A part has none for training beside it.
    #[error("{}/: it is called like a part, but no folder beside it is called like the one for training; call that one train, or this one otherwise", path.display())]
    NoTrainingFolder {
        /// The part.
        path: PathBuf,
    },
    /// Folders are called like parts, and hold images without folders of classes.
    #[error("{}/: {train} and {other} are called like parts of one set, and hold images that are in no folder of a class", path.display())]
    PartsWithoutClasses {
        /// The folder that they are in.
        path: PathBuf,
        /// The one for training.
        train: String,
        /// The one for the test or for validation.
        other: String,
    },
    /// A list has the labels of images that are in no folders of classes.
    #[error("{}/: its images are in no folders of classes, but {} names them", path.display(), list.display())]
    ListBesideImages {
        /// The folder that they are in.
        path: PathBuf,
        /// The list.
        list: PathBuf,
    },
    /// Two folders of classes have one name.
    #[error("{} and {}: the two names are the same but for how their letters are composed; put both into one folder", first.display(), second.display())]
    SameClassTwice {
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A link leads to nothing.
    #[error("{}: it is a link that leads nowhere", path.display())]
    DeadLink {
        /// The link.
        path: PathBuf,
    },
    /// Only the path of an image is there.
    #[error("{}: {place} holds no image but the path {image}, and there is no such file in {}/", path.display(), root.display())]
    NoImageAtPath {
        /// The table or list.
        path: PathBuf,
        /// The row or line, such as `line 2`.
        place: String,
        /// The path that it holds.
        image: String,
        /// Where it was looked for.
        root: PathBuf,
    },
    /// In place of an image or its path there is a text that stands for it.
    #[error("{}: {place} holds no image and no path but {kind}", path.display())]
    ImageAsText {
        /// The table or list.
        path: PathBuf,
        /// The row or line, such as `line 2`.
        place: String,
        /// What it is, and what to do about it.
        kind: &'static str,
    },
    /// Class names of shards cannot be joined.
    #[error("{}: the class {class} is the name of two classes, and other files name theirs in another order, so labels cannot be told apart; write all files with the same names", path.display())]
    NamesDiffer {
        /// The file.
        path: PathBuf,
        /// The name.
        class: String,
    },
    /// A label that is written as a text is none.
    #[error("{place}: {reason}")]
    LabelText {
        /// The file, with the line, or the image.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Braces cannot be read.
    #[error(
        "{pattern}: it cannot be read as a pattern; braces hold numbers, {{000..147}}, or pieces, {{a,b}}"
    )]
    Pattern {
        /// The pattern.
        pattern: String,
    },
    /// A file of a pattern is missing.
    #[error("{}: this shard of {pattern} is not there; give a pattern of those that are", path.display())]
    ShardMissing {
        /// The file.
        path: PathBuf,
        /// The pattern.
        pattern: String,
    },
    /// A key has no label.
    #[error("{}: the key {key} has an image, but no label", path.display())]
    NoLabelOfKey {
        /// The tar file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// A key has two images.
    #[error("{}: {first} and {second} are images of one key", path.display())]
    SeveralImagesOfKey {
        /// The tar file.
        path: PathBuf,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// A tar file is compressed.
    #[error("{}: it is compressed, so that single images cannot be found again; decompress it (gunzip)", path.display())]
    CompressedTar {
        /// The tar file.
        path: PathBuf,
    },
}

impl LayoutError {
    /// Why there is no image where this text stands.
    pub(crate) fn no_image_at(path: &Path, place: String, image: &str, root: &Path) -> Self {
        let path = path.to_owned();
        let begins = |with: &str| image.starts_with(with);
        let kind = match () {
            // How PNG, JPEG, GIF and WebP begin in base64; of paths none is so long.
            () if begins("data:")
                || image.len() > 200
                    && ["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR"]
                        .into_iter()
                        .any(begins) =>
            {
                "an image as a text in base64, which is not read; make bytes of it, as by `base64.b64decode` in Python, or write it to a file and give a list of these"
            }
            () if begins("http://") || begins("https://") || begins("s3://") || begins("gs://") => {
                "an address, from which nothing is downloaded; download the images, and put their paths there"
            }
            () => {
                return Self::NoImageAtPath {
                    path,
                    place,
                    image: image.chars().take(300).collect(),
                    root: root.to_owned(),
                };
            }
        };
        Self::ImageAsText { path, place, kind }
    }
}
