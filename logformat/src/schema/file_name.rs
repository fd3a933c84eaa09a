//! What the files of a run are called: `<run>-p1-e0001.parquet`, pass and epoch 1-based.

use crate::error::LogError;

const LONGEST_RUN_NAME: usize = 200;

/// The name of the file that holds one epoch of one pass.
///
/// ```
/// assert_eq!(logformat::epoch_file_name("mnist", 2, 7), "mnist-p2-e0007.parquet");
/// ```
pub fn epoch_file_name(run: &str, pass: u32, epoch: u32) -> String {
    format!("{run}-p{pass}-e{epoch:04}.parquet")
}

/// The pass and epoch in the name of a file of `run`; `None` where the name is not one of its.
///
/// ```
/// use logformat::parse_epoch_file_name;
/// assert_eq!(parse_epoch_file_name("mnist", "mnist-p2-e0007.parquet"), Some((2, 7)));
/// assert_eq!(parse_epoch_file_name("mnist", "mnist-b-p2-e0007.parquet"), None);
/// ```
pub fn parse_epoch_file_name(run: &str, file_name: &str) -> Option<(u32, u32)> {
    let numbers = file_name
        .strip_prefix(run)?
        .strip_prefix("-p")?
        .strip_suffix(".parquet")?;
    let (pass, epoch) = numbers.split_once("-e")?;
    let (pass, epoch) = (digits(pass)?, digits(epoch)?);
    (epoch_file_name(run, pass, epoch) == file_name).then_some((pass, epoch))
}

fn digits(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// Checks that `name` can name a run: it becomes part of file names.
///
/// # Errors
/// [`LogError::RunName`] where it is empty, too long, begins with a dot or a dash, or has other
/// characters than letters, digits, `.`, `_`, `-`, `+` and `=`.
pub fn validate_run_name(name: &str) -> Result<(), LogError> {
    let refuse = |reason| {
        Err(LogError::RunName {
            name: name.to_owned(),
            reason,
        })
    };
    if name.is_empty() {
        return refuse("is empty");
    }
    if name.len() > LONGEST_RUN_NAME {
        return refuse("is longer than 200 bytes");
    }
    if name.starts_with(['.', '-']) {
        return refuse("begins with a dot or a dash");
    }
    if !name
        .chars()
        .all(|c| c.is_alphanumeric() || "._-+=".contains(c))
    {
        return refuse("has a character that file names should not have");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_writer_makes_are_taken_for_a_run() {
        assert_eq!(
            parse_epoch_file_name("a", "a-p1-e0001.parquet"),
            Some((1, 1))
        );
        assert_eq!(
            parse_epoch_file_name("a", "a-p1-e12345.parquet"),
            Some((1, 12345))
        );
        for other in [
            "a-p1-e1.parquet",
            "a-p+1-e0001.parquet",
            "a-p1-e0001.csv",
            "b-p1-e0001.parquet",
            "a-p1-p1-e0001.parquet",
        ] {
            assert_eq!(parse_epoch_file_name("a", other), None, "{other}");
        }
    }

    #[test]
    fn a_run_name_must_not_leave_its_folder() {
        for bad in ["", "../a", "a/b", ".hidden", "-flag", "a b", "a*"] {
            assert!(validate_run_name(bad).is_err(), "{bad:?}");
        }
        assert!(validate_run_name("digits-mlp_noise0.4+größe=3").is_ok());
    }
}
