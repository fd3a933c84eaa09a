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

use logformat::{RUN_RECORD_NAME, SAMPLE_TABLE_NAME, held_out_model};
use object_store::ObjectMeta;
use object_store::path::Path as Key;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::error::AnalyzerError;
use crate::logs::needs::{BesideNeeds, LogNeeds, TableNeeds};
use crate::logs::object_storage::address::{Address, PROVIDERS};
use crate::logs::object_storage::bucket::{Bucket, parent};
use crate::logs::object_storage::copying::{Copying, Share, unwritten};
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
    /// runs, and what `beside_needs` says of what lies beside these; `None` where no word is an address.
    ///
    /// # Errors
    /// [`AnalyzerError::ObjectStorage`] for what cannot be listed, read or written, and the refusals of
    /// [`log_files`](crate::logs::files::log_files) for addresses that mean no logs.
    pub fn of(
        words: &[PathBuf],
        needs: LogNeeds,
        beside_needs: BesideNeeds,
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
                    Some(address) => copies.add(&address, needs, beside_needs).await?,
                }
            }
            Ok(Some(copies))
        })
    }

    async fn add(
        &mut self,
        address: &Address,
        needs: LogNeeds,
        beside_needs: BesideNeeds,
    ) -> Result<(), AnalyzerError> {
        let copying = Copying {
            bucket: Bucket::of(address)?,
            folder: self.bucket_folder(address),
        };
        let logs = copying.bucket.logs(&address.key).await?;
        let runs = runs(&logs);
        let places = logs.iter().map(|log| copying.place(&log.location));
        self.logs.extend(places);
        let share = match needs {
            LogNeeds::Columns(wanted) => Share::Columns(wanted),
            LogNeeds::Everything => {
                mark_others(&copying, &logs).await?;
                Share::Whole
            }
        };
        let logs = logs.into_iter().map(|log| Wanted::Log(log, share));
        let runs = runs
            .into_iter()
            .map(|run| Wanted::Beside(run, beside_needs));
        copy_all(&copying, logs.chain(runs)).await
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
    Log(ObjectMeta, Share),
    /// What lies in the folder of a run, as far as it is needed.
    Beside(Key, BesideNeeds),
}

/// The folders of the runs that logs belong to by their names.
fn runs(logs: &[ObjectMeta]) -> BTreeSet<Key> {
    let runs = logs.iter().flat_map(|log| {
        let name = log.location.filename().unwrap_or_default();
        let runs = runs_by_name(Path::new(name)).into_iter();
        runs.map(|run| parent(&log.location).join(run))
    });
    runs.collect()
}

/// Copies the record of a run, and what is needed of the rest in its folder.
async fn copy_beside(
    copying: &Copying,
    run: &Key,
    needs: BesideNeeds,
) -> Result<(), AnalyzerError> {
    for object in objects_beside(copying, run).await? {
        let share = match object.location.filename().unwrap_or_default() {
            RUN_RECORD_NAME => Share::Whole,
            SAMPLE_TABLE_NAME => match needs.sample_table {
                TableNeeds::Nothing => continue,
                TableNeeds::Origins => Share::Origins,
                TableNeeds::Everything => Share::Whole,
            },
            name if held_out_model(name).is_some() => match needs.held_out {
                true => Share::Whole,
                false => Share::Place,
            },
            _ => continue,
        };
        copying.object(&object, share).await?;
    }
    Ok(())
}

/// What lies in the folder of a run. Whoever may read a file of a log need not be allowed to list.
async fn objects_beside(copying: &Copying, run: &Key) -> Result<Vec<ObjectMeta>, AnalyzerError> {
    if let Some(listed) = copying.bucket.list_if_allowed(run).await? {
        return Ok(listed.objects);
    }
    let mut found = Vec::new();
    for name in [RUN_RECORD_NAME, SAMPLE_TABLE_NAME] {
        found.extend(copying.found(&run.clone().join(name)).await?);
    }
    Ok(found)
}

/// Makes empty files of what else lies beside the logs, so that it is seen to be there.
async fn mark_others(copying: &Copying, logs: &[ObjectMeta]) -> Result<(), AnalyzerError> {
    let folders: BTreeSet<Key> = logs.iter().map(|log| parent(&log.location)).collect();
    for folder in folders {
        for object in copying.bucket.list(&folder).await?.objects {
            copying.object(&object, Share::Place).await?;
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
                Wanted::Log(log, share) => copying.object(&log, share).await,
                Wanted::Beside(run, needs) => copy_beside(&copying, &run, needs).await,
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
