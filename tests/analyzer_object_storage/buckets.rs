//! What the services answer: lists in pages, the length of an object, ranges of its bytes. The bucket
//! `forbidden` refuses everything, and the folder `unlisted` of a bucket is not listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tests::http::{Answer, Request};

/// What the emulator of Azure calls its account.
const AZURE_ACCOUNT: &str = "/devstoreaccount1";
/// Small pages, so that every list has several.
const ENTRIES_A_PAGE: usize = 2;
pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7";

pub(crate) struct BucketRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    query: BTreeMap<String, String>,
    range: Option<Range<usize>>,
}

impl BucketRequest {
    pub(crate) fn of(request: &Request) -> Self {
        let target = &request.target;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = query.split('&').filter_map(|pair| pair.split_once('='));
        Self {
            method: request.method.clone(),
            path: decoded(path),
            query: query
                .map(|(key, value)| (decoded(key), decoded(value)))
                .collect(),
            range: request.range.map(|(first, last)| first..last.unwrap() + 1),
        }
    }
}

/// Without `%2F` and its like.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        decoded.push(u8::from_str_radix(code, 16).unwrap().into());
        decoded.push_str(rest);
    }
    decoded
}

pub(crate) fn answer(root: &Path, request: &BucketRequest, sent: &AtomicU64) -> Answer {
    let is_azure = request.path.starts_with(AZURE_ACCOUNT);
    let path = request
        .path
        .strip_prefix(AZURE_ACCOUNT)
        .unwrap_or(&request.path);
    let (bucket, key) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    if bucket == "forbidden" {
        // As S3 does, with what must not be handed on.
        return error(
            "403 Forbidden",
            &format!("<Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId>"),
        );
    }
    let folder = root.join(bucket);
    if !folder.is_dir() {
        return error("404 Not Found", "<Code>NoSuchBucket</Code>");
    }
    let prefix = request.query.get("prefix");
    if prefix.is_some_and(|prefix| prefix.starts_with("unlisted/")) {
        return error("403 Forbidden", "<Code>AccessDenied</Code>");
    }
    if key.is_empty() {
        return list(&folder, request, is_azure);
    }
    let Ok(object) = fs::read(folder.join(key)) else {
        return error("404 Not Found", "<Code>NoSuchKey</Code>");
    };
    let mut headers = vec![
        "Last-Modified: Wed, 25 Nov 2026 12:00:00 GMT".to_owned(),
        "ETag: \"1\"".to_owned(),
        "x-ms-blob-type: BlockBlob".to_owned(),
    ];
    if request.method == "HEAD" {
        return Answer::new("200 OK", headers, object);
    }
    let range = request.range.clone().unwrap_or(0..object.len());
    headers.push(format!(
        "Content-Range: bytes {}-{}/{}",
        range.start,
        range.end - 1,
        object.len()
    ));
    sent.fetch_add(range.len() as u64, Ordering::Relaxed);
    Answer::new("206 Partial Content", headers, object[range].to_vec())
}

fn error(status: &str, body: &str) -> Answer {
    let body = format!("<Error>{body}</Error>");
    Answer::new(status, Vec::new(), body.into_bytes())
}

/// The keys below `folder`, as bucket stores list them.
pub(crate) fn keys(folder: &Path, prefix: &str, found: &mut BTreeMap<String, u64>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let key = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            keys(&entry.path(), &format!("{key}/"), found);
        } else {
            found.insert(key, entry.metadata().unwrap().len());
        }
    }
}

/// A page of what lies right below a prefix: objects, and what they have in common up to a slash.
fn list(folder: &Path, request: &BucketRequest, is_azure: bool) -> Answer {
    let parameter = |name: &str| request.query.get(name).map_or("", String::as_str);
    let prefix = parameter("prefix");
    let mut all = BTreeMap::new();
    keys(folder, "", &mut all);
    let mut entries = BTreeSet::new();
    for (key, length) in all {
        if let Some(rest) = key.strip_prefix(prefix) {
            entries.insert(match rest.split_once('/') {
                Some((inner, _)) => (format!("{prefix}{inner}/"), None),
                None => (key, Some(length)),
            });
        }
    }
    let token = if is_azure {
        "marker"
    } else {
        "continuation-token"
    };
    let first: usize = parameter(token).parse().unwrap_or(0);
    let page = entries.iter().skip(first).take(ENTRIES_A_PAGE);
    let next = first + ENTRIES_A_PAGE;
    let next = if next < entries.len() {
        next.to_string()
    } else {
        String::new()
    };
    let (mut objects, mut prefixes) = (String::new(), String::new());
    for (key, length) in page {
        match length {
            Some(length) if is_azure => objects.push_str(&format!(
                "<Blob><Name>{key}</Name><Properties><Last-Modified>Wed, 25 Nov 2026 12:00:00 GMT</Last-Modified><Content-Type>application/octet-stream</Content-Type><Etag>1</Etag><Content-Length>{length}</Content-Length></Properties></Blob>"
            )),
            Some(length) => objects.push_str(&format!(
                "<Contents><Key>{key}</Key><LastModified>2026-11-25T12:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag><Size>{length}</Size></Contents>"
            )),
            None if is_azure => {
                prefixes.push_str(&format!("<BlobPrefix><Name>{key}</Name></BlobPrefix>"));
            }
            None => prefixes.push_str(&format!(
                "<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"
            )),
        }
    }
    let body = if is_azure {
        format!(
            "<EnumerationResults><Blobs>{objects}{prefixes}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
        )
    } else {
        let more = match &*next {
            "" => String::new(),
            next => format!("<NextContinuationToken>{next}</NextContinuationToken>"),
        };
        format!("<ListBucketResult>{objects}{prefixes}{more}</ListBucketResult>")
    };
    Answer::new("200 OK", Vec::new(), body.into_bytes())
}
