//! The analyzer on a server that serves folders as buckets, and on this machine.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tests::http::serve;
use tests::program::{refused, said};

use crate::buckets::{BucketRequest, KEY_ID, answer};

const SECRET: &str = "wJalrXUtnFEMI";

/// Serves the folders in `root` as buckets. The bucket `forbidden` refuses everything.
pub(crate) struct Storage {
    pub(crate) root: TempDir,
    port: u16,
    /// Method and target of each request.
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    /// Bytes of objects that were sent.
    pub(crate) sent: Arc<AtomicU64>,
}

impl Storage {
    pub(crate) fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("bucket")).unwrap();
        let (requests, sent) = (Arc::<Mutex<Vec<String>>>::default(), Arc::default());
        let serve_from = root.path().to_owned();
        let (seen, count) = (Arc::clone(&requests), Arc::clone(&sent));
        let port = serve(move |request| {
            let request = BucketRequest::of(request);
            let said = format!("{} {}", request.method, request.path);
            seen.lock().unwrap().push(said);
            answer(&serve_from, &request, &count)
        });
        Self {
            root,
            port,
            requests,
            sent,
        }
    }

    /// The folder that the bucket `bucket` is.
    pub(crate) fn bucket(&self) -> PathBuf {
        self.root.path().join("bucket")
    }

    pub(crate) fn analyzer(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
        let server = format!("http://127.0.0.1:{}", self.port);
        let google = format!(
            r#"{{"gcs_base_url": "{server}", "disable_oauth": true, "client_email": "", "private_key": "", "private_key_id": ""}}"#
        );
        command
            .args(args)
            .env("AWS_ENDPOINT", &server)
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("GOOGLE_SERVICE_ACCOUNT_KEY", google)
            .env("GOOGLE_ALLOW_HTTP", "true")
            .env("AZURE_STORAGE_USE_EMULATOR", "true")
            .env("AZURITE_BLOB_STORAGE_URL", &server)
            .env("TMPDIR", self.temporary());
        command
    }

    /// Where copies are made.
    pub(crate) fn temporary(&self) -> PathBuf {
        let folder = self.root.path().join("temporary");
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// What a command prints that reads from the server; nothing of it may be left on this machine.
    pub(crate) fn stdout_of(&self, args: &[&str]) -> String {
        let (stdout, stderr) = said(&self.analyzer(args));
        assert_eq!(stderr, "");
        assert_eq!(fs::read_dir(self.temporary()).unwrap().count(), 0);
        stdout
    }

    /// The one line with which a command refuses; it may hold nothing that is secret.
    pub(crate) fn refusal(&self, command: &mut Command) -> String {
        let stderr = refused("analyzer", &command.output().unwrap(), 1, &[]);
        assert!(
            !stderr.contains(SECRET) && !stderr.contains(KEY_ID),
            "{stderr}"
        );
        assert_eq!(fs::read_dir(self.temporary()).unwrap().count(), 0);
        stderr
    }
}

/// What a command prints that reads from this machine.
pub(crate) fn local(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    said(&command.args(args).output().unwrap()).0
}
