//! Which class of CIFAR-10 is easily taken for which other: the map of Patrini et al. (CVPR 2017,
//! section 5), which later papers call *the* asymmetric noise of CIFAR-10.

use crate::dataset::kinds::cifar::CIFAR10_CLASSES;
use crate::error::run::RecorderError;

/// For each class the one that it becomes: truck → automobile, bird → airplane, deer → horse,
/// cat ↔ dog; the others stay.
const TARGETS: [u32; 10] = [0, 1, 0, 5, 7, 3, 6, 7, 8, 1];

/// The targets, for a data set that has these very classes.
pub(crate) fn targets(class_names: &[String]) -> Result<Vec<u32>, RecorderError> {
    if class_names == CIFAR10_CLASSES {
        return Ok(TARGETS.to_vec());
    }
    let other = (0..CIFAR10_CLASSES.len().max(class_names.len()))
        .find(|&class| {
            class_names.get(class).map(String::as_str) != CIFAR10_CLASSES.get(class).copied()
        })
        .unwrap_or(0);
    Err(RecorderError::NotCifar10 {
        class: other,
        found: class_names.get(other).cloned(),
        expected: CIFAR10_CLASSES.get(other).copied(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_becomes_the_one_it_looks_like() {
        let names = CIFAR10_CLASSES.map(str::to_owned);
        let targets = targets(&names).unwrap();
        let pairs: Vec<(&str, &str)> = CIFAR10_CLASSES
            .iter()
            .zip(&targets)
            .map(|(class, &target)| (*class, CIFAR10_CLASSES[target as usize]))
            .filter(|(class, target)| class != target)
            .collect();
        let expected = [
            ("bird", "airplane"),
            ("cat", "dog"),
            ("deer", "horse"),
            ("dog", "cat"),
            ("truck", "automobile"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn other_classes_are_refused_with_the_first_that_differs() {
        let mut names = CIFAR10_CLASSES.map(str::to_owned).to_vec();
        names.swap(3, 5);
        let error = targets(&names).unwrap_err().to_string();
        assert!(
            error.contains("class 3 is dog here and cat there"),
            "{error}"
        );
        let error = targets(&names[..3]).unwrap_err().to_string();
        assert!(
            error.contains("class 3 is missing here and cat there"),
            "{error}"
        );
    }
}
