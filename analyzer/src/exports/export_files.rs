//! The files of an export: each is written out of sight, and all of them are there once all are complete.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use logformat::WholeFile;

use crate::error::AnalyzerError;
use crate::exports::scope::Writes;
use crate::logs::table_frame::refusal;
use crate::results::output_file::{check_output_file, keep_output_file};

/// The files that an export writes.
#[derive(Debug)]
pub(crate) struct ExportFiles {
    output: PathBuf,
    writes: Writes,
    overwrite: bool,
    files: Vec<(PathBuf, BufWriter<WholeFile>)>,
}

impl ExportFiles {
    /// Checks that `output` can be written, and is none of the files that are `read`.
    pub(crate) fn begin(
        output: &Path,
        writes: Writes,
        read: &[PathBuf],
        overwrite: bool,
    ) -> Result<Self, AnalyzerError> {
        match writes {
            Writes::File(suffix) => {
                if output.extension().is_none_or(|found| found != suffix) {
                    let reason = format!("this format is one file; end the name in .{suffix}");
                    return Err(refusal(output, reason));
                }
                check_output_file(output, read, overwrite)?;
            }
            Writes::Folder if output.is_file() => {
                let reason = "is a file, and this format is a folder of files; give another name";
                return Err(refusal(output, reason.to_owned()));
            }
            Writes::Folder => {}
        }
        Ok(Self {
            output: output.to_owned(),
            writes,
            overwrite,
            files: Vec::new(),
        })
    }

    /// Opens a file of this name in the folder; where the format is one file, that one. Returns its number.
    pub(crate) fn open(&mut self, name: &str) -> Result<usize, AnalyzerError> {
        let path = match self.writes {
            Writes::File(_) => self.output.clone(),
            Writes::Folder => self.output.join(name),
        };
        if self.writes == Writes::Folder {
            let folder = path.parent().unwrap_or(&self.output);
            fs::create_dir_all(folder).map_err(failed(folder))?;
            check_output_file(&path, &[], self.overwrite)?;
        }
        let file = WholeFile::create(&path).map_err(failed(&path))?;
        self.files.push((path, BufWriter::new(file)));
        Ok(self.files.len() - 1)
    }

    /// Writes to the file of this number.
    pub(crate) fn write(
        &mut self,
        number: usize,
        content: impl FnOnce(&mut BufWriter<WholeFile>) -> io::Result<()>,
    ) -> Result<(), AnalyzerError> {
        let (path, file) = &mut self.files[number];
        content(file).map_err(failed(path))
    }

    /// Opens a file and writes all of it.
    pub(crate) fn add(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<WholeFile>) -> io::Result<()>,
    ) -> Result<(), AnalyzerError> {
        let number = self.open(name)?;
        self.write(number, content)
    }

    /// Gives all files their names.
    pub(crate) fn finish(self) -> Result<Vec<PathBuf>, AnalyzerError> {
        let mut complete = Vec::new();
        for (path, file) in self.files {
            let file = file
                .into_inner()
                .map_err(|error| failed(&path)(error.into_error()))?;
            complete.push((path, file));
        }
        let mut named = Vec::new();
        for (path, file) in complete {
            keep_output_file(file, &path, self.overwrite)?;
            named.push(path);
        }
        Ok(named)
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> AnalyzerError {
    |source| AnalyzerError::WriteTable {
        path: path.to_owned(),
        source,
    }
}

/// Writes values as a JSON array, one a line.
pub(crate) fn write_json_lines_in_array<T: serde::Serialize>(
    file: &mut impl Write,
    values: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    let mut before = "[\n";
    for value in values {
        file.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut *file, &value)?;
        before = ",\n";
    }
    file.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })
}
