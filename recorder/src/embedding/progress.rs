//! How an embedding shows that it goes on: a bar on a terminal, a line now and then elsewhere, or nothing.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use program::{printable, with_options};

/// Where there is no terminal, a line is written so often.
const A_LINE_EVERY: Duration = Duration::from_secs(10);

/// Is told how an embedding goes on.
pub(crate) trait Watch {
    /// Something worth knowing.
    fn note(&mut self, text: &str);
    /// Of so many images some have been done before.
    fn begin(&mut self, images: usize, before: usize);
    /// So many of them are done now.
    fn advanced(&mut self, done: usize, images: usize);
    /// Nothing more comes.
    fn end(&mut self);
}

/// Shows it on stderr.
#[derive(Debug)]
pub struct Progress {
    /// `None` shows nothing.
    bar: Option<ProgressBar>,
    began: Instant,
    last_line: Instant,
    /// Images that were done before this began.
    before: usize,
}

impl Progress {
    /// Shows it, unless `is_quiet`.
    pub fn new(is_quiet: bool) -> Self {
        let bar = match io::stderr().is_terminal() {
            true => ProgressBar::new(0),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template(
            "{bar:24} {pos} of {len} images  {per_sec:>12}  {eta:>4} left",
        );
        let bar = match style {
            Ok(style) => bar.with_style(style.progress_chars("━╸─")),
            Err(_) => bar,
        };
        Self {
            bar: (!is_quiet).then_some(bar),
            began: Instant::now(),
            last_line: Instant::now(),
            before: 0,
        }
    }
}

impl Watch for Progress {
    /// What cannot be written is left out: nothing ends because nobody reads it.
    fn note(&mut self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.suspend(|| {
                let _ = writeln!(io::stderr(), "{}", with_options(&printable(text)));
            });
        }
    }

    fn begin(&mut self, images: usize, before: usize) {
        (self.began, self.last_line, self.before) = (Instant::now(), Instant::now(), before);
        if let Some(bar) = &self.bar {
            bar.set_length(images as u64);
            bar.set_position(before as u64);
            bar.reset_eta();
        }
    }

    fn advanced(&mut self, done: usize, images: usize) {
        let Some(bar) = &self.bar else { return };
        bar.set_position(done as u64);
        if bar.is_hidden() && self.last_line.elapsed() >= A_LINE_EVERY {
            self.last_line = Instant::now();
            let seconds = self.began.elapsed().as_secs_f64();
            let speed = (done - self.before) as f64 / seconds;
            let _ = writeln!(
                io::stderr(),
                "{done} of {images} images  {speed:.0} images/s"
            );
        }
    }

    fn end(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
