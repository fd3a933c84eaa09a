//! A network of one's own on one's own data, trained and logged: 600 points of three classes, a
//! tenth of them given a wrong label. Then: `analyzer aum logs/own-network-p*.parquet`
use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Result;
use candle_core::{Device, Tensor};
use candle_nn::{Activation, Sequential, VarBuilder, linear, seq};
use logformat::{EpochLogits, ExistingRun::Replace, LogitsColumn::Float32, RunWriter};
use recorder::engine::{OptimiserSettings, Parameters, join_pool};
use recorder::labels::{GivenLabels, TrainingLabels};
use recorder::training::epoch::{EpochDraws, TrainingSet, train_epoch};
use recorder::training::inputs::InputSource;

/// Whatever implements candle-nn's `ModuleT` will do.
fn network(outputs: usize, parameters: VarBuilder) -> Result<Sequential> {
    let hidden = seq().add(linear(24, 32, parameters.pp("hidden"))?);
    let output = linear(32, outputs, parameters.pp("output"))?;
    Ok(hidden.add(Activation::Relu).add(output))
}

/// 24 features, of which every third is larger where the class is `point % 3`.
fn features(point: u32) -> Vec<f32> {
    let is_of_class = |feature: u32| f32::from(u8::from(feature % 3 == point % 3));
    let wave = |feature: u32| (point as f32 * (0.7 + feature as f32)).sin();
    (0..24).map(|at| is_of_class(at) + wave(at)).collect()
}

fn main() -> Result<()> {
    join_pool();
    let points = Tensor::new((0..600).map(features).collect::<Vec<_>>(), &Device::Cpu)?;
    let truth = Some((0..600).map(|point| Some(point % 3)).collect());
    let wrong = |point: u32| u32::from(point.is_multiple_of(10));
    let given = (0..600).map(|point| (point + wrong(point)) % 3).collect();
    let labels = TrainingLabels::draw(
        GivenLabels {
            given,
            truth,
            mislabeled: None,
            notes: Vec::new(),
        },
        3,
        60,
        2,
        0,
    )?;

    let (folder, about) = (Path::new("logs"), Default::default());
    let mut log = RunWriter::create(folder, "own-network", about, Float32, Replace)?;
    for pass in 1..=2 {
        let parameters = Parameters::new(0, &format!("pass {pass}"));
        let network = network(labels.output_count(), parameters.builder(&Device::Cpu))?;
        let mut optimiser = OptimiserSettings::default().build(parameters.trainable())?;
        let inputs = InputSource::Resident(points.clone());
        let set = TrainingSet::new(inputs, labels.assigned(pass - 1))?;
        let samples = Arc::new(labels.pass_samples(pass - 1)?);
        for epoch in 1..=8 {
            let mut logits = EpochLogits::new(Arc::clone(&samples), epoch as u32);
            let keep = |sample: usize, row: &[f32]| Ok(logits.record(sample, row)?);
            let draws = EpochDraws::new(0, pass, epoch);
            train_epoch(&network, optimiser.as_mut(), &set, 32, draws, keep, |_| {})?;
            log.write(pass as u32, logits, BTreeMap::new())?;
        }
    }
    Ok(log.finish().map(drop)?)
}
