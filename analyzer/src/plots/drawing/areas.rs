//! The areas between a curve and zero, each in one piece.

/// The areas between a curve and zero on one side (`sign` 1 above, −1 below), each in one piece.
pub(crate) fn areas(points: &[(f64, f64)], sign: f64) -> Vec<Vec<(f64, f64)>> {
    let mut areas: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut inside = false;
    for (number, &(x, y)) in points.iter().enumerate() {
        let beyond = y * sign > 0.0;
        let before = number.checked_sub(1).map(|before| points[before]);
        if beyond != inside {
            let edge = before.map_or(x, |(x0, y0)| x0 + (x - x0) * (y0 / (y0 - y)));
            if beyond {
                areas.push(vec![(edge, 0.0)]);
            } else if let Some(area) = areas.last_mut() {
                area.push((edge, 0.0));
            }
            inside = beyond;
        }
        if beyond && let Some(area) = areas.last_mut() {
            area.push((x, y));
        }
    }
    if inside && let (Some(area), Some(&(x, _))) = (areas.last_mut(), points.last()) {
        area.push((x, 0.0));
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_end_where_the_curve_crosses_zero() {
        let points = [(1.0, 2.0), (2.0, -2.0), (3.0, -1.0)];
        assert_eq!(areas(&points, 1.0), [[(1.0, 0.0), (1.0, 2.0), (1.5, 0.0)]]);
        let below = [(1.5, 0.0), (2.0, -2.0), (3.0, -1.0), (3.0, 0.0)];
        assert_eq!(areas(&points, -1.0), [below]);
        assert!(areas(&[(1.0, 0.0), (2.0, 0.0)], 1.0).is_empty());
    }
}
