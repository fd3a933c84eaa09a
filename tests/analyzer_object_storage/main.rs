//! Logs in object storage: against a server on this machine that speaks as much of S3, Google Cloud Storage
//! and Azure Blob Storage as reading takes (lists in pages, HEAD, ranges of bytes), and never the network.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod beside;
mod buckets;
mod building;
mod logs;
mod reading;
mod refusals;
mod storage;
