//! Files that appear under their name once they are complete, and never half-written: under a hidden
//! name beside their place first, synced, then renamed.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a program that was killed leaves behind ends in this.
pub(crate) const TEMPORARY_SUFFIX: &str = ".partial";

/// A file that is still being written.
#[derive(Debug)]
pub struct WholeFile {
    temporary: tempfile::NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// Begins the file `path`, in an existing folder, under a hidden name that `*.parquet` and its
    /// like do not match. Dropped before its end, it leaves nothing.
    ///
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn create(path: &Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(TEMPORARY_SUFFIX);
        #[cfg(unix)]
        {
            // The umask decides who may read it, as with any other file; tempfile's own default is
            // for secrets.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        Ok(Self {
            temporary: builder.tempfile_in(folder_of(path))?,
            path: path.to_owned(),
        })
    }

    /// The file, for writers that want one of their own.
    pub fn as_file(&self) -> &File {
        self.temporary.as_file()
    }

    /// Gives the file its name, in place of one that is there.
    ///
    /// # Errors
    /// Where it cannot be synced or renamed.
    pub fn replace(self) -> io::Result<()> {
        self.as_file().sync_all()?;
        self.temporary
            .persist(&self.path)
            .map_err(|error| error.error)?;
        sync_folder_of(&self.path)
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where there is a file of that name, which then stays; where
    /// it cannot be synced or renamed.
    pub fn keep(self) -> io::Result<()> {
        self.as_file().sync_all()?;
        self.temporary
            .persist_noclobber(&self.path)
            .map_err(|error| error.error)?;
        sync_folder_of(&self.path)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A rename is safe from a power cut only once its folder is on the disk too.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn begun(path: &Path, content: &[u8]) -> WholeFile {
        let mut file = WholeFile::create(path).unwrap();
        file.write_all(content).unwrap();
        file
    }

    #[test]
    fn a_file_has_its_name_only_once_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let file = begun(&path, b"new");
        assert!(!path.exists());
        file.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        drop(begun(&path, b"half"));
        assert_eq!(names(folder.path()), ["a.parquet"]);
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_on_demand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let kind = begun(&path, b"new").keep().unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        begun(&path, b"new").replace().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn whoever_may_read_other_files_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (whole, plain) = (folder.path().join("whole"), folder.path().join("plain"));
        begun(&whole, b"").keep().unwrap();
        fs::write(&plain, "").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&whole), mode(&plain));
    }
}
