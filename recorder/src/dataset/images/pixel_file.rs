//! Decoded images that memory has no room for, in a file without a name: they are decoded once all the
//! same, and from then on an image costs a read of the page cache, or of the disk, instead of a decoder's
//! time on the cores that train. The file is gone with the program, however that ends.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::dataset::images::picture::Picture;

/// Where decoded images may be put, and how much of the disk they may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskSpace {
    /// A folder, which need not exist yet: the file is made in the nearest folder around it that does.
    pub folder: PathBuf,
    /// In bytes; `None` for half of what is free there.
    pub most_bytes: Option<u64>,
}

impl DiskSpace {
    /// How many bytes may be taken; 0 where nothing can be found out.
    pub(crate) fn bytes(&self) -> u64 {
        let free = || free_bytes(&self.folder).unwrap_or_default() / 2;
        self.most_bytes.unwrap_or_else(free)
    }
}

/// What is free on the file system of a folder, which need not exist yet; `None` where nothing can be found out.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    fs4::available_space(existing_folder(folder)).ok()
}

fn existing_folder(folder: &Path) -> &Path {
    let folders = folder.ancestors();
    let existing = folders.filter(|folder| !folder.as_os_str().is_empty());
    let mut existing = existing.filter(|folder| folder.is_dir());
    existing.next().unwrap_or(Path::new("."))
}

/// Where an image lies in the file, and what it is.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    /// height, width
    size: [u32; 2],
    channels: u8,
}

impl Place {
    fn bytes(&self) -> usize {
        let [height, width] = self.size.map(|length| length as usize);
        height * width * usize::from(self.channels)
    }
}

/// Images one after the other.
#[derive(Debug)]
pub(crate) struct PixelFileWriter {
    file: BufWriter<File>,
    places: Vec<Place>,
    bytes: u64,
}

impl PixelFileWriter {
    pub(crate) fn create(space: &DiskSpace) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(
                1 << 20,
                tempfile::tempfile_in(existing_folder(&space.folder))?,
            ),
            places: Vec::new(),
            bytes: 0,
        })
    }

    /// How many bytes of the disk are taken.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn push(&mut self, picture: &Picture) -> io::Result<()> {
        self.file.write_all(&picture.values)?;
        self.places.push(Place {
            offset: self.bytes,
            size: picture.size.map(|length| length as u32),
            channels: picture.channels as u8,
        });
        self.bytes += picture.values.len() as u64;
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<PixelFile> {
        Ok(PixelFile {
            file: self
                .file
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?,
            places: self.places,
        })
    }
}

/// Images to be read in any order, by several threads.
#[derive(Debug)]
pub(crate) struct PixelFile {
    file: File,
    places: Vec<Place>,
}

impl PixelFile {
    pub(crate) fn bytes(&self) -> u64 {
        let last = self.places.last();
        last.map_or(0, |place| place.offset + place.bytes() as u64)
    }

    /// The image of a row, which must be one.
    pub(crate) fn read(&self, row: usize) -> io::Result<Picture> {
        let place = self.places[row];
        let mut values = vec![0; place.bytes()];
        read_exact_at(&self.file, &mut values, place.offset)?;
        Ok(Picture {
            size: place.size.map(|length| length as usize),
            channels: place.channels.into(),
            values,
        })
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, values: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, values, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut values: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !values.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, values, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                values = &mut values[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_any_size_come_back_in_any_order() {
        let folder = tempfile::tempdir().unwrap();
        let space = DiskSpace {
            folder: folder.path().join("logs/not/there"),
            most_bytes: None,
        };
        assert!(space.bytes() > 0);
        let picture = |height: usize, width: usize, channels: usize| Picture {
            size: [height, width],
            channels,
            values: (0..).take(height * width * channels).collect(),
        };
        // An unreadable image was left out: nothing is where it would be.
        let pictures = [picture(2, 3, 3), Picture::default(), picture(4, 1, 1)];
        let mut file = PixelFileWriter::create(&space).unwrap();
        for picture in &pictures {
            file.push(picture).unwrap();
        }
        assert_eq!(file.bytes(), 18 + 4);
        let file = file.finish().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for row in [2, 0, 2] {
            assert_eq!(file.read(row).unwrap(), pictures[row]);
        }
    }
}
