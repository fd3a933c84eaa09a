//! What was meant by a name that is not known: the nearest known one, by how many letters have to be changed.

/// Refuses a name, with the nearest of the known ones, or with all of them where none is near.
pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let nearest = known.iter().min_by_key(|known| distance(name, known));
    match nearest {
        Some(nearest) if distance(name, nearest) <= 1 + name.chars().count() / 3 => {
            format!("there is no {what} {name:?}; is {nearest:?} meant?")
        }
        _ => format!(
            "there is no {what} {name:?}; known are {}",
            known.join(", ")
        ),
    }
}

/// Letters to insert, delete or change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_that_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_name_that_is_near_to_none_is_told_all() {
        let text = unknown("method", "boosting", &["all", "cleaned"]);
        assert_eq!(
            text,
            "there is no method \"boosting\"; known are all, cleaned"
        );
    }
}
