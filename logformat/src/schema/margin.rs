//! What the margin of one sample at one epoch is.
//!
//! The assigned class's logit minus the largest logit of any other class, the extra class of the
//! threshold samples among the others (Pleiss et al., NeurIPS 2020, section 3, equation 1, and the
//! authors' `aum` package). Adding a constant to all logits leaves it as it is.

/// A sample's margin at one epoch, and the class that it is measured against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// Assigned logit − largest other logit, in logit units. Negative where the network prefers
    /// another class.
    pub value: f32,
    /// The class of the largest other logit; the smallest index where several are equal.
    pub rival_label: u32,
}

/// The margin of `logits` (one per class) for the class `assigned_label`.
///
/// `None` where there is no margin: fewer than two classes, a label beyond the logits, or no other
/// logit that is a number.
///
/// ```
/// let margin = logformat::margin(&[1.0, 4.0, 2.5], 2).unwrap();
/// assert_eq!((margin.value, margin.rival_label), (-1.5, 1));
/// ```
pub fn margin(logits: &[f32], assigned_label: u32) -> Option<Margin> {
    let (assigned_logit, rival_logit, rival_label) =
        against_rival(logits, assigned_label, f32::NEG_INFINITY)?;
    Some(Margin {
        value: assigned_logit - rival_logit,
        rival_label,
    })
}

/// The margin of 64-bit `logits`, which are subtracted before they become 32-bit: far from zero, 32 bits
/// do not tell them apart.
pub fn wide_margin(logits: &[f64], assigned_label: u32) -> Option<Margin> {
    let (assigned_logit, rival_logit, rival_label) =
        against_rival(logits, assigned_label, f64::NEG_INFINITY)?;
    Some(Margin {
        value: (assigned_logit - rival_logit) as f32,
        rival_label,
    })
}

/// The assigned logit, the largest other one, and its class.
fn against_rival<L: Copy + PartialOrd>(
    logits: &[L],
    assigned_label: u32,
    lowest: L,
) -> Option<(L, L, u32)> {
    let assigned = usize::try_from(assigned_label).ok()?;
    let assigned_logit = *logits.get(assigned)?;
    // The largest first and then its place: without a branch that depends on the logits, which a
    // processor would guess wrong for every other sample.
    let larger = |most: L, &logit: &L| if logit > most { logit } else { most };
    let before = logits[..assigned].iter().fold(lowest, larger);
    let rival_logit = logits[assigned + 1..].iter().fold(before, larger);
    let is_rival = |(class, &logit): (usize, &L)| class != assigned && logit == rival_logit;
    let rival = logits.iter().enumerate().position(is_rival)?;
    Some((assigned_logit, rival_logit, u32::try_from(rival).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preferred_rival_makes_the_margin_negative() {
        let margin = margin(&[0.5, 3.0, -1.0], 0).unwrap();
        assert_eq!(margin.value, -2.5);
        assert_eq!(margin.rival_label, 1);
    }

    #[test]
    fn adding_a_constant_to_all_logits_leaves_the_margin() {
        let logits = [0.5, 3.0, -1.0];
        let shifted = logits.map(|logit| logit + 8.0);
        assert_eq!(margin(&logits, 1), margin(&shifted, 1));
    }

    #[test]
    fn the_assigned_class_is_never_its_own_rival() {
        assert_eq!(margin(&[7.0, 2.0, 1.0], 0).unwrap().rival_label, 1);
        assert_eq!(margin(&[1.0, 2.0, 7.0], 2).unwrap().rival_label, 1);
    }

    #[test]
    fn equal_rivals_are_told_apart_by_the_smaller_class() {
        assert_eq!(margin(&[0.0, 5.0, 5.0], 0).unwrap().rival_label, 1);
    }

    #[test]
    fn a_rival_may_be_as_low_as_floats_go() {
        let lowest = f32::NEG_INFINITY;
        assert_eq!(margin(&[lowest, 2.0, lowest], 1).unwrap().rival_label, 0);
        assert_eq!(margin(&[1.0, f32::NAN], 0), None);
    }

    #[test]
    fn logits_of_64_bits_are_subtracted_before_they_become_narrower() {
        let logits = [0.5, 3.0, -1.0].map(|logit| logit + 1e8);
        let margin = wide_margin(&logits, 0).unwrap();
        assert_eq!((margin.value, margin.rival_label), (-2.5, 1));
    }

    #[test]
    fn one_class_or_a_label_beyond_the_logits_has_no_margin() {
        assert_eq!(margin(&[1.0], 0), None);
        assert_eq!(margin(&[1.0, 2.0], 2), None);
    }
}
