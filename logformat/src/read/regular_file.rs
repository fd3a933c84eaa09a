//! Files that are opened: regular ones, and no pipe, device or folder, which would be waited for or read
//! without an end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::read::file_memory::check_file_memory;

/// Opens a regular file, also by way of links.
///
/// # Errors
/// Where it cannot be opened, or is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Before it is opened, since opening a pipe waits for its writer.
    check_regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

/// All bytes of a regular file, `usual` at most where [`set_file_memory`](crate::set_file_memory) says nothing.
///
/// # Errors
/// Those of [`open_regular`] and of reading, and where it is larger.
pub fn read_regular(path: &Path, usual: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let length = file.metadata()?.len();
    check_file_memory(length, usual)
        .map_err(|reason| io::Error::new(io::ErrorKind::FileTooLarge, reason))?;
    let mut bytes = Vec::new();
    // All at once: room that grows is there twice.
    bytes.reserve_exact(usize::try_from(length).unwrap_or(0));
    // What is added while it is read is not part of it.
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check_regular(metadata: &fs::Metadata) -> io::Result<()> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let reason = "it is a pipe or a device and no regular file; write what it gives into a file";
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_up_to_the_limit_are_read_and_larger_ones_refused_by_their_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("four");
        fs::write(&path, "four").unwrap();
        assert_eq!(read_regular(&path, 4).unwrap(), b"four");
        let error = read_regular(&path, 3).unwrap_err().to_string();
        let expected = "it takes 4 B of memory, and 3 B is the limit";
        assert!(error.starts_with(expected), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn pipes_devices_and_folders_are_refused_and_links_to_files_followed() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for endless in [&pipe, Path::new("/dev/zero")] {
            let error = open_regular(endless).unwrap_err().to_string();
            assert!(error.contains("no regular file"), "{error}");
        }
        let error = open_regular(folder.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(open_regular(&link).is_ok());
    }
}
