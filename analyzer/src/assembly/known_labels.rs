//! Which label a sample has throughout a run: the given and the true label, collected from all
//! files, with the file that each comes from, so that a contradiction names both places.

/// The labels of one kind, per sample in the order of the run's index.
#[derive(Debug)]
pub(super) struct KnownLabels {
    known: Vec<Option<KnownLabel>>,
}

/// A label, and the file (by its number) that said it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KnownLabel {
    pub(super) label: u32,
    pub(super) file: u32,
}

impl KnownLabels {
    pub(super) fn with_room(samples: usize) -> Self {
        Self {
            known: Vec::with_capacity(samples),
        }
    }

    pub(super) fn grow(&mut self, samples: usize) {
        self.known.resize(samples, None);
    }

    /// Takes a label up; `Err` with what is known already where that is another one.
    pub(super) fn learn(&mut self, sample: u32, label: u32, file: u32) -> Result<(), KnownLabel> {
        match &mut self.known[sample as usize] {
            Some(known) if known.label != label => Err(*known),
            Some(_) => Ok(()),
            unknown => {
                *unknown = Some(KnownLabel { label, file });
                Ok(())
            }
        }
    }

    pub(super) fn label(&self, sample: u32) -> Option<u32> {
        self.known[sample as usize].map(|known| known.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_label_for_the_same_sample_is_refused_with_its_place() {
        let mut labels = KnownLabels::with_room(0);
        labels.grow(2);
        assert_eq!(labels.learn(1, 7, 0), Ok(()));
        assert_eq!(labels.learn(1, 7, 1), Ok(()));
        let known = KnownLabel { label: 7, file: 0 };
        assert_eq!(labels.learn(1, 8, 2), Err(known));
        assert_eq!((labels.label(0), labels.label(1)), (None, Some(7)));
    }
}
