//! What parts of data sets are called: a folder is for training, for the test or for validation by its
//! name, as people spell it: `train`, `Training`, `test_images`, `val2017`.

use logformat::PartName;

/// Words that stand beside the name of the part and say nothing.
const BESIDE: [&str; 10] = [
    "dataset", "data", "images", "image", "imgs", "img", "photos", "split", "set", "part",
];

/// The part that is called so, whichever way it is written; `None` for other names, such as `trainval`.
pub(crate) fn part_called(name: &str) -> Option<PartName> {
    let (part, rest) = part_in_name(name)?;
    rest.is_empty().then_some(part)
}

/// The part that one word of a name is about, and what the other words say: `rose` of `rose-train`.
pub(crate) fn part_in_name(name: &str) -> Option<(PartName, Vec<String>)> {
    let name = name.to_lowercase();
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let words = letters.split(|c: char| !c.is_alphanumeric());
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.len() > 1 {
        words.retain(|word| !BESIDE.contains(word));
    }
    let (of_parts, rest): (Vec<&str>, Vec<&str>) = words
        .into_iter()
        .partition(|word| PartName::of_word(word).is_some());
    let [word] = of_parts[..] else {
        return None;
    };
    Some((
        PartName::of_word(word)?,
        rest.into_iter().map(str::to_owned).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_known_as_people_spell_them() {
        for (names, part) in [
            (
                "train Train TRAINING training_set trainset train2017 train-images data_train",
                PartName::Train,
            ),
            ("test Testing test_images testset holdout", PartName::Test),
            (
                "val VALID validation val2012 validation-set dev Validate EVAL evaluation",
                PartName::Validation,
            ),
        ] {
            for name in names.split(' ') {
                assert_eq!(part_called(name), Some(part), "{name}");
            }
        }
        for name in [
            "trainval",
            "train_val",
            "trains",
            "tests",
            "value",
            "images",
            "",
            "set",
            "0",
            "bus",
        ] {
            assert_eq!(part_called(name), None, "{name}");
        }
    }
}
