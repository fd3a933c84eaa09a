//! How a run shows that it goes on: a bar on a terminal, a line an epoch elsewhere, or nothing.

use std::io::Write;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use program::{printable, with_options};

use crate::training::epoch::EpochProgress;
use crate::training::evaluation::Accuracy;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 1-based.
    pub pass: usize,
    /// All passes of the run.
    pub passes: usize,
    /// 1-based.
    pub epoch: usize,
    /// All epochs of the pass.
    pub epochs: usize,
    /// Samples of an epoch.
    pub samples: usize,
}

/// How an epoch went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochSummary {
    /// Loss and accuracy on the assigned labels, of the training forward passes.
    pub training: EpochProgress,
    /// On the test samples, after the epoch; `None` without any.
    pub test: Option<Accuracy>,
    /// On those held out of the training samples; `None` where none are.
    pub validation: Option<Accuracy>,
    /// On the given labels of the fold that the pass holds out, 0 to 1; `None` where it holds out none.
    pub held_out: Option<f64>,
}

/// Is told how a run goes on.
pub trait Progress {
    /// Something worth knowing before or between passes.
    fn note(&mut self, text: &str);
    /// Some samples of the current epoch are through.
    fn advanced(&mut self, position: Position, epoch: &EpochProgress);
    /// The current epoch has ended.
    fn epoch_ended(&mut self, position: Position, summary: &EpochSummary);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn note(&mut self, _: &str) {}
    fn advanced(&mut self, _: Position, _: &EpochProgress) {}
    fn epoch_ended(&mut self, _: Position, _: &EpochSummary) {}
}

/// Writes a line an epoch, for output that goes to a file or another program.
#[derive(Debug)]
pub struct Lines<W> {
    output: W,
    epoch_began: Instant,
}

impl<W: Write> Lines<W> {
    /// Writes to `output`. What cannot be written is left out: a run never ends because nobody
    /// reads its progress.
    pub fn new(output: W) -> Self {
        Self {
            output,
            epoch_began: Instant::now(),
        }
    }
}

impl<W: Write> Progress for Lines<W> {
    fn note(&mut self, text: &str) {
        let _ = writeln!(self.output, "{}", with_options(&printable(text)));
        self.epoch_began = Instant::now();
    }

    fn advanced(&mut self, _: Position, _: &EpochProgress) {}

    fn epoch_ended(&mut self, position: Position, summary: &EpochSummary) {
        let seconds = self.epoch_began.elapsed().as_secs_f64();
        self.epoch_began = Instant::now();
        let _ = writeln!(
            self.output,
            "pass {}/{}  epoch {:>width$}/{}  {}  {:.0} samples/s",
            position.pass,
            position.passes,
            position.epoch,
            position.epochs,
            describe(&summary.training, Some(summary)),
            position.samples as f64 / seconds,
            width = position.epochs.to_string().len(),
        );
    }
}

/// A bar a pass.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    pass: usize,
    last_epoch: Option<EpochSummary>,
}

impl Bar {
    /// Draws on stderr.
    pub fn new() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            pass: 0,
            last_epoch: None,
        }
    }

    fn begin_pass(&mut self, position: Position) {
        self.bar.finish();
        self.pass = position.pass;
        self.last_epoch = None;
        self.bar = ProgressBar::new((position.samples * position.epochs) as u64);
        let style = ProgressStyle::with_template(
            "{prefix} {bar:24} {msg}  {per_sec:>8} samples/s  {eta:>4} left",
        )
        .expect("the template is a constant that the tests draw")
        .with_key(
            "per_sec",
            |state: &indicatif::ProgressState, text: &mut dyn std::fmt::Write| {
                let _ = write!(text, "{:.0}", state.per_sec());
            },
        )
        .progress_chars("━╸─");
        self.bar.set_style(style);
    }

    fn show(&mut self, position: Position, epoch: &EpochProgress) {
        self.bar.set_prefix(format!(
            "pass {}/{} epoch {}/{}",
            position.pass, position.passes, position.epoch, position.epochs
        ));
        self.bar
            .set_message(describe(epoch, self.last_epoch.as_ref()));
        let done = (position.epoch - 1) * position.samples + epoch.samples;
        self.bar.set_position(done as u64);
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bar {
    fn note(&mut self, text: &str) {
        // Through the terminal rather than the bar, which shows nothing between passes.
        let _ = writeln!(std::io::stderr(), "{}", with_options(&printable(text)));
    }

    fn advanced(&mut self, position: Position, epoch: &EpochProgress) {
        if position.pass != self.pass {
            self.begin_pass(position);
        }
        self.show(position, epoch);
    }

    fn epoch_ended(&mut self, position: Position, summary: &EpochSummary) {
        self.last_epoch = Some(*summary);
        self.show(position, &summary.training);
        if position.epoch == position.epochs {
            self.bar.finish();
        }
    }
}

/// An epoch that goes on, and how well the network did after the last whole one.
fn describe(epoch: &EpochProgress, last_epoch: Option<&EpochSummary>) -> String {
    let mut text = format!(
        "loss {:.3}  accuracy {:.1} %",
        epoch.mean_loss(),
        100.0 * epoch.accuracy()
    );
    let of = |accuracy: Option<Accuracy>| accuracy.map(|accuracy| accuracy.top1);
    for (samples, accuracy) in [
        ("held out", last_epoch.and_then(|last| last.held_out)),
        (
            "validation",
            last_epoch.and_then(|last| of(last.validation)),
        ),
        ("test", last_epoch.and_then(|last| of(last.test))),
    ] {
        if let Some(accuracy) = accuracy {
            text += &format!("  {samples} {:.1} %", 100.0 * accuracy);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITION: Position = Position {
        pass: 1,
        passes: 2,
        epoch: 3,
        epochs: 20,
        samples: 100,
    };

    #[test]
    fn a_line_says_where_the_run_is_and_how_it_goes() {
        let mut output = Vec::new();
        let of = |top1| Some(Accuracy { top1, top5: None });
        let summary = EpochSummary {
            training: EpochProgress::default(),
            test: of(0.875),
            validation: of(0.5),
            held_out: Some(0.25),
        };
        Lines::new(&mut output).epoch_ended(POSITION, &summary);
        let line = String::from_utf8(output).unwrap();
        assert!(line.starts_with("pass 1/2  epoch  3/20  loss"), "{line}");
        assert!(
            line.contains("held out 25.0 %  validation 50.0 %  test 87.5 %"),
            "{line}"
        );
    }

    #[test]
    fn the_bar_can_be_drawn() {
        let mut bar = Bar::new();
        bar.advanced(POSITION, &EpochProgress::default());
        assert_eq!(bar.pass, 1);
    }
}
