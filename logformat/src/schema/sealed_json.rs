//! JSON with a checksum of itself, so that a flipped digit is no other number: the object, indented, whose first
//! line holds the CRC-32 (the one of zlib) of the text without that line. Whoever changes such a file on purpose
//! takes the line out; a file without it is read as it is.

use serde::Serialize;
use serde::de::DeserializeOwned;

const BEFORE: &str = "{\n  \"crc32\": \"";
const AFTER: &str = "\",\n";
const DIGITS: usize = 8;

/// The text of an object that has entries, with its checksum and a line break at its end.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn to_sealed_json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(value)? + "\n";
    Ok(match text.strip_prefix("{\n") {
        Some(entries) => format!("{BEFORE}{}{AFTER}{entries}", checksum(entries.as_bytes())),
        None => text,
    })
}

/// What such a text holds.
///
/// # Errors
/// What is wrong with it, in words.
pub fn from_sealed_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    let sealed = text.strip_prefix(BEFORE.as_bytes());
    if let Some((found, rest)) = sealed.and_then(|sealed| sealed.split_at_checked(DIGITS)) {
        let entries = rest.strip_prefix(AFTER.as_bytes()).unwrap_or_default();
        if checksum(entries).as_bytes() != found {
            return Err(
                "it is damaged or was changed: its checksum is not the one of what was written; put it back, or where it was changed on purpose take out its line \"crc32\""
                    .to_owned(),
            );
        }
    }
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

fn checksum(entries: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(entries))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &[u8]) -> Result<Value, String> {
        from_sealed_json(text)
    }

    #[test]
    fn no_flipped_bit_changes_what_is_read_without_an_error() {
        let value = json!({"run": "a", "rates": [0.5, 12], "files": {"crc32": "00000000"}});
        let text = to_sealed_json(&value).unwrap();
        let told = |mut value: Value| {
            value.as_object_mut().unwrap().remove("crc32");
            value
        };
        assert_eq!(read(text.as_bytes()).map(told), Ok(value.clone()));
        for bit in 0..8 * text.len() {
            let mut flipped = text.clone().into_bytes();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // One in the line of the checksum can make another key of it; nothing else is another then.
            if let Ok(mut found) = read(&flipped) {
                found
                    .as_object_mut()
                    .unwrap()
                    .retain(|key, _| value.get(key).is_some());
                assert_eq!(found, value, "bit {bit}");
            }
        }
    }

    #[test]
    fn a_text_without_a_checksum_is_read_as_it_is() {
        assert_eq!(read(b"{\"run\": 1}"), Ok(json!({"run": 1})));
        assert!(read(b"{\"run\": ").is_err());
        let sealed = to_sealed_json(&json!({"run": 1})).unwrap();
        let lines: Vec<&str> = sealed
            .lines()
            .filter(|line| !line.contains("crc32"))
            .collect();
        assert_eq!(read(lines.concat().as_bytes()), Ok(json!({"run": 1})));
        let changed = sealed.replace('1', "2");
        assert!(read(changed.as_bytes()).unwrap_err().contains("checksum"));
    }
}
