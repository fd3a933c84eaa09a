//! Features as far as they are computed: a file for so many samples each, under a key that says by what network and
//! of which images they are, so that a stopped embedding goes on and a second run needs no network.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use logformat::{WholeFile, read_regular};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// Samples of a part: some seconds of work, and a few megabytes.
pub(crate) const SAMPLES_A_PART: usize = 512;

/// The features of consecutive samples.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct PartFeatures {
    /// Readable samples × features.
    pub(crate) values: Vec<f32>,
    /// A small PNG file of each readable sample.
    pub(crate) pictures: Vec<Vec<u8>>,
    /// The samples that are not there, by their place in the part, and why.
    pub(crate) unreadable: Vec<(usize, String)>,
    /// What was seen of the images.
    pub(crate) counts: Counts,
}

/// Images that are not seen as their pixels are stored.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) gray: usize,
    pub(crate) transparent: usize,
    pub(crate) turned: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.gray += other.gray;
        self.transparent += other.transparent;
        self.turned += other.turned;
    }
}

/// The folder of the parts.
pub(crate) struct Parts {
    pub(crate) folder: PathBuf,
}

/// The samples of each part of so many.
pub(crate) fn ranges(samples: usize) -> impl Iterator<Item = Range<usize>> {
    let firsts = (0..samples).step_by(SAMPLES_A_PART);
    firsts.map(move |first| first..samples.min(first + SAMPLES_A_PART))
}

/// What a file of a part says besides the features.
const KEY: &str = "key";
const CHECKSUM: &str = "crc32";
const UNREADABLE: &str = "unreadable";
const COUNTS: &str = "counts";
const FEATURES: &str = "features";
const PICTURES: &str = "pictures";
const PICTURE_LENGTHS: &str = "picture_lengths";
/// What a part may take where nothing else is set.
const USUAL_BYTES: u64 = 4 << 30;

impl Parts {
    fn path(&self, part: usize) -> PathBuf {
        self.folder.join(format!("part-{part:06}.safetensors"))
    }

    /// The part of this number, where it is there with this key and undamaged.
    pub(crate) fn read(&self, part: usize, key: &str) -> Option<PartFeatures> {
        let bytes = read_regular(&self.path(part), USUAL_BYTES).ok()?;
        let (_, header) = SafeTensors::read_metadata(&bytes).ok()?;
        let told = header.metadata().as_ref()?;
        let tensors = SafeTensors::deserialize(&bytes).ok()?;
        let features = tensors.tensor(FEATURES).ok()?.data();
        let mut pictures = tensors.tensor(PICTURES).ok()?.data();
        let is_whole = checksum(features, pictures) == *told.get(CHECKSUM)?;
        if told.get(KEY)? != key || !is_whole {
            return None;
        }
        let (values, _) = features.as_chunks::<4>();
        let lengths: Vec<usize> = serde_json::from_str(told.get(PICTURE_LENGTHS)?).ok()?;
        let mut picture = |length: &usize| {
            let (picture, rest) = pictures.split_at_checked(*length)?;
            pictures = rest;
            Some(picture.to_vec())
        };
        let [gray, transparent, turned] = serde_json::from_str(told.get(COUNTS)?).ok()?;
        Some(PartFeatures {
            values: values
                .iter()
                .map(|&value| f32::from_le_bytes(value))
                .collect(),
            pictures: lengths.iter().map(&mut picture).collect::<Option<_>>()?,
            unreadable: serde_json::from_str(told.get(UNREADABLE)?).ok()?,
            counts: Counts {
                gray,
                transparent,
                turned,
            },
        })
    }

    /// Whether there is a file for a part, of whatever images.
    pub(crate) fn has(&self, part: usize) -> bool {
        self.path(part).exists()
    }

    pub(crate) fn write(&self, part: usize, key: &str, features: &PartFeatures) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let bytes: Vec<u8> = features
            .values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let pictures = features.pictures.concat();
        let lengths: Vec<usize> = features.pictures.iter().map(Vec::len).collect();
        let Counts {
            gray,
            transparent,
            turned,
        } = features.counts;
        let told = [
            (KEY.to_owned(), key.to_owned()),
            (CHECKSUM.to_owned(), checksum(&bytes, &pictures)),
            (PICTURE_LENGTHS.to_owned(), serde_json::to_string(&lengths)?),
            (
                UNREADABLE.to_owned(),
                serde_json::to_string(&features.unreadable)?,
            ),
            (
                COUNTS.to_owned(),
                serde_json::to_string(&[gray, transparent, turned])?,
            ),
        ];
        let told = told.into_iter().collect();
        let view = |kind, length, bytes| {
            TensorView::new(kind, vec![length], bytes).map_err(io::Error::other)
        };
        let tensors = [
            (FEATURES, view(Dtype::F32, features.values.len(), &bytes)?),
            (PICTURES, view(Dtype::U8, pictures.len(), &pictures)?),
        ];
        let file = safetensors::serialize(tensors, Some(told)).map_err(io::Error::other)?;
        let mut whole = WholeFile::create(&self.path(part))?;
        whole.write_all(&file)?;
        whole.replace()
    }

    /// Deletes all of them.
    pub(crate) fn delete(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }
}

fn checksum(features: &[u8], pictures: &[u8]) -> String {
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(features);
    checksum.update(pictures);
    checksum.finalize().to_string()
}

/// The hidden folder of the parts of an output.
pub(crate) fn hidden_beside(output: &Path) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!(".{name}.parts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_comes_back_under_its_key_alone_and_only_undamaged() {
        let folder = tempfile::TempDir::new().unwrap();
        let parts = Parts {
            folder: folder.path().join("kept"),
        };
        let features = PartFeatures {
            values: vec![1.5, -2.0, 0.0, 4.0],
            pictures: vec![b"abc".to_vec(), Vec::new()],
            unreadable: vec![(1, "b.png: it is cut".to_owned())],
            counts: Counts {
                gray: 1,
                ..Counts::default()
            },
        };
        parts.write(3, "net a", &features).unwrap();
        assert_eq!(parts.read(3, "net a"), Some(features));
        assert_eq!(parts.read(3, "net b"), None);
        assert_eq!(parts.read(2, "net a"), None);
        let path = parts.path(3);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(parts.read(3, "net a"), None);
        parts.delete().unwrap();
        assert!(!parts.has(3));
        parts.delete().unwrap();
    }

    #[test]
    fn every_sample_is_in_one_part() {
        let ranges: Vec<_> = ranges(1030).collect();
        assert_eq!(ranges, [0..512, 512..1024, 1024..1030]);
    }
}
