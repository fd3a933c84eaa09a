//! Logs in object storage (`s3://`, `gs://`, `az://`): finds what addresses mean, and copies what a command
//! needs of it into a folder of this machine, so that all that reads logs need not know. Of logs with margins
//! and logits that is a few percent. Credentials and endpoints come from the environment, as
//! [`object_store`] takes them (`AWS_ENDPOINT`, `AWS_ALLOW_HTTP`, …).

pub(crate) mod address;
pub(crate) mod bucket;
pub(crate) mod copying;
pub(crate) mod refusal;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Once;

use logformat::{RUN_RECORD_NAME, SAMPLE_TABLE_NAME};
use object_store::ObjectMeta;
use object_store::path::Path as Key;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::error::AnalyzerError;
use crate::logs::needs::LogNeeds;
use crate::logs::object_storage::address::{Address, PROVIDERS};
use crate::logs::object_storage::bucket::{Bucket, parent};
use crate::logs::object_storage::copying::{Copying, begun, unwritten};
use crate::logs::soundness::runs_by_name;

/// Objects that are copied at the same time.
const AT_ONCE: usize = 16;

/// Copies of logs, as far as they are needed; gone when this is dropped.
#[derive(Debug)]
pub struct LogCopies {
    folder: TempDir,
    /// The words that were given, with paths of copies in place of addresses.
    pub logs: Vec<PathBuf>,
}

impl LogCopies {
    /// Copies what `needs` says of the logs at those of `words` that are addresses, the records of their
    /// runs, and their sample tables where `with_sample_tables`; `None` where no word is an address.
    ///
    /// # Errors
    /// [`AnalyzerError::ObjectStorage`] for what cannot be listed, read or written, and the refusals of
    /// [`log_files`](crate::logs::files::log_files) for addresses that mean no logs.
    pub fn of(
        words: &[PathBuf],
        needs: LogNeeds,
        with_sample_tables: bool,
    ) -> Result<Option<Self>, AnalyzerError> {
        if !words.iter().any(|word| Address::of(word).is_some()) {
            return Ok(None);
        }
        let unavailable = |error: std::io::Error| unwritten(&std::env::temp_dir(), &error);
        let folder = tempfile::Builder::new().prefix("aum-logs-").tempdir();
        let mut copies = Self {
            folder: folder.map_err(unavailable)?,
            logs: Vec::new(),
        };
        encrypt_by_ring();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.map_err(unavailable)?.block_on(async {
            for word in words {
                match Address::of(word) {
                    None => copies.logs.push(word.clone()),
                    Some(address) => copies.add(&address, needs, with_sample_tables).await?,
                }
            }
            Ok(Some(copies))
        })
    }

    async fn add(
        &mut self,
        address: &Address,
        needs: LogNeeds,
        with_sample_tables: bool,
    ) -> Result<(), AnalyzerError> {
        let copying = Copying {
            bucket: Bucket::of(address)?,
            folder: self.bucket_folder(address),
            needs,
        };
        let logs = copying.bucket.logs(&address.key).await?;
        let beside = beside(&logs, with_sample_tables);
        let places = logs.iter().map(|log| copying.place(&log.location));
        self.logs.extend(places);
        if needs == LogNeeds::Everything {
            mark_others(&copying, &logs).await?;
        }
        let logs = logs.into_iter().map(Wanted::Log);
        copy_all(&copying, logs.chain(beside.into_iter().map(Wanted::Beside))).await
    }

    fn bucket_folder(&self, address: &Address) -> PathBuf {
        let folder = self.folder.path().join(address.provider.scheme());
        folder.join(&address.bucket)
    }

    /// A text about copies as one about the addresses that they were copied from.
    pub fn named_by_addresses(&self) -> impl Fn(&str) -> String + use<> {
        let names = PROVIDERS.map(|provider| {
            let scheme = provider.scheme();
            let folder = self.folder.path().join(scheme).join("");
            (folder.display().to_string(), format!("{scheme}://"))
        });
        move |text| {
            let names = names.iter();
            names.fold(text.to_owned(), |text, (path, address)| {
                text.replace(path, address)
            })
        }
    }
}

/// Without this, nobody would have said who encrypts.
fn encrypt_by_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails where somebody else said it, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

enum Wanted {
    Log(ObjectMeta),
    /// What is copied where it is there.
    Beside(Key),
}

/// The records of the runs that logs belong to by their names, and their sample tables.
fn beside(logs: &[ObjectMeta], with_sample_tables: bool) -> BTreeSet<Key> {
    let mut names = vec![RUN_RECORD_NAME];
    names.extend(with_sample_tables.then_some(SAMPLE_TABLE_NAME));
    let runs = logs.iter().flat_map(|log| {
        let name = log.location.filename().unwrap_or_default();
        let runs = runs_by_name(Path::new(name)).into_iter();
        runs.map(|run| parent(&log.location).join(run))
    });
    let runs: BTreeSet<Key> = runs.collect();
    let names = &names;
    runs.iter()
        .flat_map(|run| names.iter().map(|name| run.clone().join(*name)))
        .collect()
}

/// Makes empty files of what else lies beside the logs, so that it is seen to be there.
async fn mark_others(copying: &Copying, logs: &[ObjectMeta]) -> Result<(), AnalyzerError> {
    let folders: BTreeSet<Key> = logs.iter().map(|log| parent(&log.location)).collect();
    for folder in folders {
        for object in copying.bucket.list(&folder).await?.objects {
            let place = copying.place(&object.location);
            begun(&place, 0).map_err(|error| unwritten(&place, &error))?;
        }
    }
    Ok(())
}

async fn copy_all(
    copying: &Copying,
    wanted: impl Iterator<Item = Wanted>,
) -> Result<(), AnalyzerError> {
    let mut tasks = JoinSet::new();
    for one in wanted {
        if tasks.len() == AT_ONCE {
            finish_one(&mut tasks).await?;
        }
        let copying = copying.clone();
        tasks.spawn(async move {
            match one {
                Wanted::Log(log) => copying.log(&log).await,
                Wanted::Beside(key) => copying.if_there(&key).await,
            }
        });
    }
    while !tasks.is_empty() {
        finish_one(&mut tasks).await?;
    }
    Ok(())
}

async fn finish_one(tasks: &mut JoinSet<Result<(), AnalyzerError>>) -> Result<(), AnalyzerError> {
    match tasks.join_next().await {
        None => Ok(()),
        Some(Ok(copied)) => copied,
        Some(Err(failed)) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Ok(()), // nobody cancels
        },
    }
}
