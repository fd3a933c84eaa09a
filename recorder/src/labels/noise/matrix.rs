//! A noise matrix: for each true class (row) the probability of each given class (column).
//!
//! The file holds numbers alone, a row a line, divided by commas, semicolons or white space; lines that begin
//! with `#` and empty ones do not count (so what numpy's `savetxt` writes can be read).

use std::path::{Path, PathBuf};

use crate::dataset::files::text_table::read_utf8;
use crate::error::noise_matrix::MatrixProblem;
use crate::error::run::RecorderError;

/// How far from 1 the sum of a row may be, since a file holds rounded decimals: 1e-6, and a guard so
/// that a third to six decimals, three times, is within it.
const SUM_TOLERANCE: f64 = 1e-6 + 1e-9;

/// A square table of probabilities whose rows sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseMatrix {
    /// For each true class k, the shares of the draws that fall below the classes k + 1, k + 2, …,
    /// k + C − 1 modulo C, ascending; what lies above the last stays class k.
    cumulative: Vec<Vec<f64>>,
}

/// A table of 10,000 classes takes less.
const MOST_BYTES: u64 = 1 << 30;

impl NoiseMatrix {
    /// Reads a matrix for `class_count` classes.
    ///
    /// # Errors
    /// [`RecorderError::NoiseMatrix`] with the row and the reason.
    pub fn read(path: &Path, class_count: usize) -> Result<Self, RecorderError> {
        read_utf8(path, MOST_BYTES)
            .map_err(MatrixProblem::Text)
            .and_then(|text| Self::parse(&text, class_count))
            .map_err(|problem| RecorderError::NoiseMatrix {
                path: PathBuf::from(path),
                problem,
            })
    }

    /// Parses the text of such a file.
    ///
    /// # Errors
    /// [`MatrixProblem`] for the first row that is wrong.
    pub fn parse(text: &str, class_count: usize) -> Result<Self, MatrixProblem> {
        let lines = text.lines().map(str::trim);
        let rows = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rows = rows
            .enumerate()
            .map(|(row, line)| parse_row(line, row, class_count))
            .collect::<Result<Vec<_>, _>>()?;
        if rows.len() != class_count {
            return Err(MatrixProblem::Rows {
                rows: rows.len(),
                classes: class_count,
            });
        }
        let shares = |(class, row): (usize, &Vec<f64>)| cumulative_shares(row, class);
        let cumulative = rows.iter().enumerate().map(shares).collect();
        Ok(Self { cumulative })
    }

    /// The given class of a sample of the class `label`, for a uniform `draw` from 0 to below 1.
    pub(crate) fn given(&self, label: u32, draw: f64) -> u32 {
        let shares = &self.cumulative[label as usize];
        let steps = shares.partition_point(|&share| share <= draw);
        let class_count = self.cumulative.len();
        // Past the last share there are C − 1 steps, and one more leads back to the class itself.
        let given = (label as usize + 1 + steps) % class_count;
        u32::try_from(given).unwrap_or(label)
    }
}

fn parse_row(line: &str, row: usize, class_count: usize) -> Result<Vec<f64>, MatrixProblem> {
    // Beside semicolons, a comma stands for the decimal point.
    let comma = if line.contains(';') { ';' } else { ',' };
    let separators = |c: char| c == comma || c.is_whitespace();
    let entries = line.split(separators).filter(|entry| !entry.is_empty());
    let numbers = entries
        .enumerate()
        .map(|(column, entry)| match comma {
            ';' => parse_entry(&entry.replace(',', "."), row, column),
            _ => parse_entry(entry, row, column),
        })
        .collect::<Result<Vec<f64>, _>>()?;
    if numbers.len() != class_count {
        return Err(MatrixProblem::Columns {
            row,
            columns: numbers.len(),
            classes: class_count,
        });
    }
    let sum: f64 = numbers.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(MatrixProblem::Sum { row, sum });
    }
    Ok(numbers)
}

fn parse_entry(entry: &str, row: usize, column: usize) -> Result<f64, MatrixProblem> {
    match entry.parse::<f64>() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        Ok(number) => Err(MatrixProblem::NoProbability {
            row,
            column,
            entry: number,
        }),
        Err(_) => Err(MatrixProblem::NoNumber {
            row,
            column,
            entry: entry.to_owned(),
        }),
    }
}

/// The shares of the other classes, added up. Wrong labels take the lowest draws, as under the other
/// noise types, so that one rate makes the same samples wrong under all of them.
fn cumulative_shares(row: &[f64], class: usize) -> Vec<f64> {
    let others = (1..row.len()).map(|step| row[(class + step) % row.len()]);
    let sums: Vec<f64> = others
        .scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        })
        .collect();
    // By this very sum: where the class itself has probability 0, the last share is then exactly 1
    // and no draw stays.
    let total = sums.last().copied().unwrap_or(0.0) + row[class];
    sums.iter().map(|sum| sum / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        NoiseMatrix::parse(text, 3).unwrap_err().to_string()
    }

    #[test]
    fn commas_white_space_and_comments_are_read_alike() {
        let spaces = "# true in rows\n0.5 0.25 0.25\n\n0 1 0\n 1e0\t0 0 \n";
        let semicolons = "0,5;0,25;0,25\n0; 1; 0\n1;0;0\n";
        let commas = "0.5,0.25,0.25\r\n0, 1, 0\r\n1,0,0\r\n";
        let matrix = NoiseMatrix::parse(spaces, 3).unwrap();
        assert_eq!(matrix, NoiseMatrix::parse(commas, 3).unwrap());
        assert_eq!(matrix, NoiseMatrix::parse(semicolons, 3).unwrap());
    }

    #[test]
    fn low_draws_change_the_class_and_high_ones_keep_it() {
        let matrix = NoiseMatrix::parse("0.5 0.125 0.375\n0 1 0\n1 0 0", 3).unwrap();
        let given = |label, draws: &[f64]| -> Vec<u32> {
            draws
                .iter()
                .map(|&draw| matrix.given(label, draw))
                .collect()
        };
        assert_eq!(
            given(0, &[0.0, 0.124, 0.125, 0.499, 0.5, 0.99]),
            [1, 1, 2, 2, 0, 0]
        );
        assert_eq!(given(1, &[0.0, 1.0 - f64::EPSILON]), [1, 1]);
        assert_eq!(given(2, &[0.0, 1.0 - f64::EPSILON / 2.0]), [0, 0]);
    }

    #[test]
    fn a_row_may_miss_one_by_a_rounding() {
        let row = "0.333333 0.333333 0.333333\n";
        assert!(NoiseMatrix::parse(&row.repeat(3), 3).is_ok());
        let row = "0.33333 0.33333 0.33333\n";
        assert!(problem(&row.repeat(3)).starts_with("row 0 sums to 0.99999"));
    }

    #[test]
    fn each_violation_names_its_row() {
        for (text, expected) in [
            (
                "1 0 0\n0 1 0",
                "there are 2 rows, but the data set has 3 classes",
            ),
            (
                "1 0 0\n0 1 0\n0 0 1\n1 0 0",
                "there are 4 rows, but the data set has 3 classes",
            ),
            (
                "1 0 0\n0 1\n0 0 1",
                "row 1 has 2 entries, but the data set has 3 classes",
            ),
            (
                "1 0 0\n0 1 0\n0 -0.5 1.5",
                "row 2 has -0.5 in column 1, but a probability",
            ),
            (
                "1 0 0\n0 NaN 0\n0 0 1",
                "row 1 has NaN in column 1, but a probability",
            ),
            (
                "1 0 0\n0 one 0\n0 0 1",
                "row 1 has \"one\" in column 1, which is no number",
            ),
            (
                "1 0 0\n0 0.5 0\n0 0 1",
                "row 1 sums to 0.5, but must sum to 1",
            ),
            ("", "there are 0 rows"),
        ] {
            let problem = problem(text);
            assert!(problem.contains(expected), "{text:?}: {problem}");
        }
    }
}
