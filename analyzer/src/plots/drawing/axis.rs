//! Axes: from where to where, and which round numbers are written at them.

/// A direction of a panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    /// What is measured, with its unit.
    pub(crate) title: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) ticks: Vec<Tick>,
}

/// A number written at an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
}

impl Axis {
    /// From `from` to `to` with at most `most` round numbers. Where both are the same, some room
    /// around them.
    pub(crate) fn new(title: &str, from: f64, to: f64, most: usize) -> Self {
        let (from, to) = if to > from {
            (from, to)
        } else {
            let room = (from.abs() * 0.1).max(0.5);
            (from - room, to + room)
        };
        let step = round_step((to - from) / most.max(1) as f64);
        Self::with_step(title, from, to, step)
    }

    /// As [`Axis::new`], with a little room at both ends.
    pub(crate) fn around(title: &str, from: f64, to: f64, most: usize) -> Self {
        let room = (to - from) * 0.04;
        Self::new(title, from - room, to + room, most)
    }

    /// Of whole numbers, such as epochs.
    pub(crate) fn whole(title: &str, from: u32, to: u32, most: usize) -> Self {
        let (from, to) = (f64::from(from), f64::from(to));
        if from == to {
            let mut axis = Self::with_step(title, from - 0.5, to + 0.5, 1.0);
            axis.ticks.retain(|tick| tick.at == from);
            return axis;
        }
        let step = round_step((to - from) / most.max(1) as f64).max(1.0);
        Self::with_step(title, from, to, step)
    }

    /// From 0 to 1, written in percent.
    pub(crate) fn percent(title: &str) -> Self {
        Self::percent_from(title, 0.0)
    }

    /// From the tens of percent below `lowest` (0 to 1, at most 80 %) to 1, written in percent.
    pub(crate) fn percent_from(title: &str, lowest: f64) -> Self {
        let tenths = (lowest * 10.0).floor().clamp(0.0, 8.0) as u32;
        let step = if tenths > 4 { 1 } else { 2 };
        let ticks = (tenths..=10).filter(|tenth| (10 - tenth).is_multiple_of(step));
        let ticks = ticks.map(|tenth| Tick {
            at: f64::from(tenth) / 10.0,
            label: (tenth * 10).to_string(),
        });
        Self {
            title: format!("{title} (%)"),
            from: f64::from(tenths) / 10.0,
            to: 1.0,
            ticks: ticks.collect(),
        }
    }

    fn with_step(title: &str, from: f64, to: f64, step: f64) -> Self {
        let decimals = decimals(step);
        let first = (from / step - 1e-9).ceil() as i64;
        let last = (to / step + 1e-9).floor() as i64;
        let ticks = (first..=last).map(|number| {
            let at = number as f64 * step;
            Tick {
                at,
                label: signed(at, decimals),
            }
        });
        Self {
            title: title.to_owned(),
            from,
            to,
            ticks: ticks.collect(),
        }
    }

    /// Where a value lies, 0 to 1.
    pub(crate) fn share(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }
}

/// The smallest of 1, 2, 2.5, 5 × a power of ten that is at least `step`.
fn round_step(step: f64) -> f64 {
    let power = 10.0_f64.powf(step.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let fits = |factor: &&f64| **factor * power >= step * (1.0 - 1e-9);
    factors.iter().find(fits).unwrap_or(&10.0) * power
}

fn decimals(step: f64) -> usize {
    (-step.log10().floor()).max(0.0) as usize
}

/// With a true minus and grouped thousands.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        text.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn numbers_at_an_axis_are_round() {
        let axis = Axis::new("AUM", -3.9, 6.2, 6);
        assert_eq!(labels(&axis), ["−2", "0", "2", "4", "6"]);
        let axis = Axis::new("AUM", 0.011, 0.059, 5);
        assert_eq!(
            labels(&axis),
            ["0.02", "0.03", "0.04", "0.05"].map(|s| s).to_vec()
        );
        let axis = Axis::new("samples", 0.0, 50_000.0, 5);
        assert_eq!(labels(&axis)[1], "10,000");
    }

    #[test]
    fn one_value_gets_room_around_it() {
        let axis = Axis::new("AUM", 0.0, 0.0, 5);
        assert!(axis.from < 0.0 && axis.to > 0.0 && axis.ticks.len() >= 2);
        assert_eq!(labels(&Axis::whole("epoch", 1, 1, 8)), ["1"]);
    }

    #[test]
    fn shares_may_begin_above_0() {
        let axis = Axis::percent_from("Precision", 0.404);
        assert_eq!((axis.from, axis.to), (0.4, 1.0));
        assert_eq!(labels(&axis), ["40", "60", "80", "100"]);
        assert_eq!(
            labels(&Axis::percent_from("Precision", 0.5)),
            ["50", "60", "70", "80", "90", "100"]
        );
        assert_eq!(Axis::percent_from("Precision", 1.0).from, 0.8);
    }

    #[test]
    fn epochs_are_whole() {
        assert_eq!(labels(&Axis::whole("epoch", 1, 3, 8)), ["1", "2", "3"]);
        assert_eq!(labels(&Axis::whole("epoch", 1, 150, 8)).len(), 7);
    }

    #[test]
    fn a_zero_has_no_sign() {
        assert_eq!(signed(-0.001, 2), "0.00");
        assert_eq!(signed(-1234.5, 1), "−1,234.5");
    }
}
