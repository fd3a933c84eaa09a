//! What is known of a format that another tool writes: its name, how it is told from others, what it gives.

use std::path::Path;

use crate::error::AnalyzerError;
use crate::imports::imported_aums::ImportedAum;
use crate::imports::log_folder::LogFolder;
use crate::imports::settings::ImportSettings;

/// A format of another tool.
#[derive(Debug)]
pub struct ImportFormat {
    /// As it is asked for.
    pub name: &'static str,
    /// Which tool writes it, to which file or folder.
    pub about: &'static str,
    /// Whether a file or folder is certainly of this format.
    pub(crate) recognises: fn(&Path) -> bool,
    pub(crate) gives: Gives,
}

/// What a format has, and how it is read; lines that a reader of it has to know go to the notes.
#[derive(Debug)]
pub(crate) enum Gives {
    /// Margins or logits of every epoch: a log.
    Log(fn(&Source<'_>, &mut LogFolder, &mut Notes) -> Result<(), AnalyzerError>),
    /// One AUM a sample: an AUM table. `instead` says where the curves are.
    Aums {
        read: fn(&Source<'_>, &mut Notes) -> Result<Vec<ImportedAum>, AnalyzerError>,
        instead: &'static str,
    },
}

/// A line each.
pub(crate) type Notes = Vec<String>;

/// What is imported, as one pass.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a Path,
    /// 1-based.
    pub(crate) pass: u32,
    pub(crate) settings: &'a ImportSettings,
}

impl ImportFormat {
    /// Whether it has the margins of every epoch, so that a log can be made of it.
    pub fn gives_log(&self) -> bool {
        matches!(self.gives, Gives::Log(_))
    }
}
