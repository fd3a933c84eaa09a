//! The tests of the whole. A virtual workspace runs no `tests/` folder of its own, so this one is a
//! package. Which file takes which test:
//!
//! | file | what | package |
//! |---|---|---|
//! | `log_contract/` | the sentences of `FORMAT.md`: encodings, refusals, nothing lost, a module per topic | logformat |
//! | `recorder_cli/` | the command line of the recorder, good and bad, a module per topic: what a run leaves behind, noise and labels, data that cannot be trained on, features, images, `recorder data`, final trainings, runs that are killed and resumed, downloads against a server of the test's own | recorder |
//! | `analyzer_cli/` | the command line of the analyzer, good and bad, a module per topic: what is read, each question, plots and report, import and export, the examples of every help | analyzer |
//! | `faults/` | damaged and hostile files, pipes, kills, signals, failing system calls, flipped bits, two writers, a hub that lies, memory: modules for recorder and analyzer, and `faults/run` for all programs from outside | recorder, analyzer, a script |
//! | `golden/` | what each command prints, word for word; `REWRITE_GOLDEN=1` writes it anew (`analyzer_cli/golden.rs`) | |
//! | `analyzer_object_storage/` | logs in object storage, against a server of the test's own | analyzer with `object-storage` |
//! | `browser/` | the report in a browser, and the pictures of the README | scripts |
//! | `end_to_end.rs` and its folder | record, then analyze, on real data; data of one's own, there and back | this one |
//! | `experiment_cli.rs` | the `experiment` program: tables, going on where it was killed, files that are not understood | experiments |
//! | `exchange/` | what `analyzer export` writes in the hands of the tools' own packages, and what these write in those of `import`; by hand | scripts |
//! | `damaged/` | no test: files that `fuzz_reader` has found | logformat |
//! | `damage.rs` | no test: how files are damaged, for `log_contract/` and for fuzzing | |
//! | `other_engines.py` | files by others and queries for others; by hand and in `.ci/run` | |
//! | `directions.rs` | which package may depend on which | this one |
//! | `rooms/` | which room of a crate may import which, no circles of files, no file without a module | this one |
//! | `common/` | no test: what tests of several packages need alike, the library of this one | |
//!
//! A binary's path is known to tests of its own package only, so those of the command lines are
//! targets of recorder, analyzer and experiments whose path points here. What needs one module alone is tested in
//! that module.
#![allow(
    clippy::unwrap_used,
    reason = "what the tests share, where a failed step is a failed test"
)]

mod common;

pub use common::{cargo_tree, faults, http, numpy, parquet_file, program};
