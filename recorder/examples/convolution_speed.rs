//! How fast are the 3×3 convolutions of stride 1, forward and with both gradients? Prints a Markdown table: the least and
//! the median of some rounds in milliseconds, and what a plain sum of taps would need in that time as GFLOP/s.
//!
//! `RAYON_NUM_THREADS=1 cargo run --release -p recorder --example convolution_speed`
//!
//! The gradients include the product that makes a loss of the output. A round does each of them once, so that whatever
//! else the machine does meets them alike. Beside them stands the product of two matrices of 384×384, which is about
//! what the processor can do.

use std::time::Instant;

use anyhow::Result;
use candle_core::{Device, Tensor, Var};
use clap::Parser;
use rand::RngExt;
use recorder::allocator::{Allocator, keep_pages};
use recorder::engine::join_pool;
use recorder::engine::operators::{Activation, backward, conv2d};
use recorder::seeds::stream;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Channels of input and output, and pixels a side: those of the ResNets of CIFAR, then of ImageNet.
const SHAPES: [(usize, usize); 6] = [(16, 32), (32, 16), (64, 8), (64, 56), (128, 28), (256, 14)];
const MATRIX: usize = 384;

#[derive(Parser)]
struct Arguments {
    /// Images
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Rounds, after one that is not counted
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// The convolutions of ImageNet's networks as well
    #[arg(long)]
    large: bool,
}

struct Convolution {
    channels: usize,
    pixels: usize,
    images: Var,
    weight: Var,
    gradient: Tensor,
}

impl Convolution {
    fn new(batch: usize, (channels, pixels): (usize, usize)) -> Result<Self> {
        let images = random(&[batch, channels, pixels, pixels])?;
        Ok(Self {
            channels,
            pixels,
            gradient: random(images.dims())?,
            images: Var::from_tensor(&images)?,
            weight: Var::from_tensor(&random(&[channels, channels, 3, 3])?)?,
        })
    }

    /// Seconds of the output, and of both gradients.
    fn seconds(&self) -> Result<[f64; 2]> {
        let start = Instant::now();
        let output = conv2d(&self.images, &self.weight, None, 1, 1, Activation::Identity)?;
        let forward = start.elapsed().as_secs_f64();
        let loss = (output * &self.gradient)?.sum_all()?;
        let start = Instant::now();
        backward(&loss)?;
        Ok([forward, start.elapsed().as_secs_f64()])
    }

    /// Operations of a plain sum of taps.
    fn operations(&self, batch: usize) -> f64 {
        (2 * 9 * batch * self.channels.pow(2) * self.pixels.pow(2)) as f64
    }
}

fn random(shape: &[usize]) -> Result<Tensor> {
    let mut draws = stream(0, "values");
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| draws.random::<f32>() - 0.5).collect();
    Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
}

/// `least (median)` in milliseconds, and operations a second by the least.
fn in_words(mut seconds: Vec<f64>, operations: f64) -> String {
    seconds.sort_by(f64::total_cmp);
    let (least, median) = (seconds[0], seconds[seconds.len() / 2]);
    format!(
        "{:.2} ({:.2}) ms, {:.0} GFLOP/s",
        1e3 * least,
        1e3 * median,
        operations / least / 1e9
    )
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    keep_pages();
    join_pool();
    let batch = arguments.batch;
    let shapes = if arguments.large {
        &SHAPES[..]
    } else {
        &SHAPES[..3]
    };
    let convolutions = shapes.iter().map(|&shape| Convolution::new(batch, shape));
    let convolutions = convolutions.collect::<Result<Vec<_>>>()?;
    let (left, right) = (random(&[MATRIX, MATRIX])?, random(&[MATRIX, MATRIX])?);
    let mut products = Vec::new();
    let mut measured = vec![(Vec::new(), Vec::new()); shapes.len()];
    for round in 0..=arguments.rounds {
        let start = Instant::now();
        left.matmul(&right)?;
        let product = start.elapsed().as_secs_f64();
        if round > 0 {
            products.push(product);
        }
        for (convolution, (forward, gradients)) in convolutions.iter().zip(&mut measured) {
            let [output, both] = convolution.seconds()?;
            if round > 0 {
                forward.push(output);
                gradients.push(both);
            }
        }
    }
    println!("| channels, image | forward | both gradients |\n| --- | ---: | ---: |");
    for (convolution, (forward, gradients)) in convolutions.iter().zip(measured) {
        let operations = convolution.operations(batch);
        println!(
            "| {}, {}×{} | {} | {} |",
            convolution.channels,
            convolution.pixels,
            convolution.pixels,
            in_words(forward, operations),
            in_words(gradients, 2.0 * operations),
        );
    }
    let operations = (2 * MATRIX.pow(3)) as f64;
    println!("\nproduct of matrices: {}", in_words(products, operations));
    Ok(())
}
