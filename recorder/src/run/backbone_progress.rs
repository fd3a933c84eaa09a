//! Tells how the embedding before a run goes on, by notes of the run.

use std::time::{Duration, Instant};

use crate::embedding::progress::Watch;
use crate::run::progress::Progress;

/// A line is written so often.
const A_LINE_EVERY: Duration = Duration::from_secs(10);

/// The embedding before a run.
pub(crate) struct Embedding<'a> {
    progress: &'a mut dyn Progress,
    began: Instant,
    last_line: Instant,
    before: usize,
}

impl<'a> Embedding<'a> {
    pub(crate) fn new(progress: &'a mut dyn Progress) -> Self {
        Self {
            progress,
            began: Instant::now(),
            last_line: Instant::now(),
            before: 0,
        }
    }
}

impl Watch for Embedding<'_> {
    fn note(&mut self, text: &str) {
        self.progress.note(text);
    }

    fn begin(&mut self, images: usize, before: usize) {
        (self.began, self.last_line, self.before) = (Instant::now(), Instant::now(), before);
        let count = images - before;
        self.progress
            .note(&format!("computing the features of {count} images, once"));
    }

    fn advanced(&mut self, done: usize, images: usize) {
        if self.last_line.elapsed() >= A_LINE_EVERY {
            self.last_line = Instant::now();
            let speed = (done - self.before) as f64 / self.began.elapsed().as_secs_f64();
            self.progress
                .note(&format!("{done} of {images} images  {speed:.0} images/s"));
        }
    }

    fn end(&mut self) {}
}
