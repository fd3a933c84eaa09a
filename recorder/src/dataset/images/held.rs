//! What of the images of a part is kept, and where.

use crate::dataset::images::picture::Picture;
use crate::dataset::images::pixel_file::PixelFile;

/// What of the images is kept.
#[derive(Debug)]
pub(crate) enum Held {
    /// All of them, decoded; at the size that the network sees, or, to be cropped, as they are.
    Pictures(Vec<Picture>),
    /// The same, on the disk.
    OnDisk(PixelFile),
    /// All of them as files, in memory.
    Encoded(Vec<Vec<u8>>),
    /// None: each is read from the disk again.
    Nothing,
}

impl Held {
    pub(crate) fn is_decoded(&self) -> bool {
        matches!(self, Held::Pictures(_) | Held::OnDisk(_))
    }

    /// What they take on the disk, decoded.
    pub(crate) fn bytes_on_disk(&self) -> u64 {
        match self {
            Held::OnDisk(file) => file.bytes(),
            Held::Pictures(_) | Held::Encoded(_) | Held::Nothing => 0,
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Held::Nothing)
    }
}
