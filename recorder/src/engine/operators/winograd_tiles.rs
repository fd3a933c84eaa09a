//! Which tiles images are divided into, and where these lie.

use crate::engine::operators::instructions::WIDEST;
use crate::engine::operators::panels::Panels;

/// Rows and columns of a tile's outputs, and of the inputs that they depend on.
pub(crate) const TILE: usize = 4;
pub(crate) const WINDOW: usize = 6;
/// Products a tile and pair of channels.
pub(crate) const POINTS: usize = WINDOW * WINDOW;

/// One tile of one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tile {
    /// Where its window begins in the panels of all samples.
    pub(crate) window: usize,
    pub(crate) sample: usize,
    /// Its first output.
    pub(crate) y: usize,
    pub(crate) x: usize,
}

/// The tiles of images of one size.
#[derive(Debug)]
pub(crate) struct Tiling {
    /// How the images lie, one zero before them and as many behind as full tiles take.
    pub(crate) panels: Panels,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Tiling {
    pub(crate) fn new(channels: usize, height: usize, width: usize) -> Self {
        let padded = |length: usize| length.next_multiple_of(TILE) + WINDOW - TILE;
        let padded = [padded(height), padded(width)];
        Self {
            panels: Panels::new(channels, [height, width], [1, 1], padded),
            height,
            width,
        }
    }

    /// Tiles of a sample.
    pub(crate) fn count(&self) -> usize {
        self.height.div_ceil(TILE) * self.width.div_ceil(TILE)
    }

    /// All tiles of so many samples.
    pub(crate) fn tiles(&self, samples: usize) -> Vec<Tile> {
        let columns = self.width.div_ceil(TILE);
        let tiles = (0..samples).flat_map(|sample| (0..self.count()).map(move |at| (sample, at)));
        let tile = |(sample, at): (usize, usize)| {
            let (y, x) = (at / columns * TILE, at % columns * TILE);
            Tile {
                window: sample * self.panels.length() + y * self.panels.pitch + x * WIDEST,
                sample,
                y,
                x,
            }
        };
        tiles.map(tile).collect()
    }
}
