//! Quartiles of many values at once.

/// The first, second and third quartile, each the value of that rank (no mean of two); `None` for no
/// value. The values are reordered.
pub(crate) fn quartiles(values: &mut [f32]) -> Option<[f64; 3]> {
    let last = values.len().checked_sub(1)?;
    let mut at = |quarter: usize| {
        let rank = (last * quarter + 2) / 4;
        f64::from(*values.select_nth_unstable_by(rank, f32::total_cmp).1)
    };
    Some([at(1), at(2), at(3)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_five_values_are_the_inner_three() {
        assert_eq!(
            quartiles(&mut [5.0, 1.0, 3.0, 2.0, 4.0]),
            Some([2.0, 3.0, 4.0])
        );
        assert_eq!(quartiles(&mut [7.0]), Some([7.0; 3]));
        assert_eq!(quartiles(&mut []), None);
    }
}
