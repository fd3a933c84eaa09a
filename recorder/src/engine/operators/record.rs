//! How an operator's backward pass is made known to candle, and how gradients travel between our
//! own operators without candle's `zeros + add` for each of them.
//!
//! candle's `backward` makes, for every tensor that a gradient arrives at, a tensor of zeros and a
//! sum: three passes over memory, on one thread. Between two operators of this module the gradient
//! is handed over instead: each output has a [`GradientSlot`], into which the operators that use
//! it move (or add) theirs. candle still walks the graph, but meets tokens of one element in the
//! order of the operators:
//!
//! ```text
//! input ─► handover ─► computation (token) ─► output        what candle's graph holds
//!                             └── slot ◄── the output's gradient
//! ```
//!
//! An output may be used by any candle operation and an input may come from one: there the
//! gradient goes candle's way. `loss.backward()` therefore works on every graph; [`backward`] does
//! the same and hands over the gradients of variables as well.
//!
//! Which tensors are outputs of this module is noted in a map of the whole process, since a tensor of
//! candle's neither carries anything of ours nor shows how it was made. Nothing can be mixed up in it: ids
//! of tensors are unique in the process, whichever network or thread they belong to, and an entry goes with
//! the node of its output. A map of each thread would keep what another thread drops, and a map that
//! callers hand on would be a parameter of every operator and of every network that is made of them.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, Device, Layout, Result, Shape, Tensor, TensorId, bail,
};

use crate::engine::operators::activations::count;
use crate::engine::operators::buffers;
use crate::engine::operators::elementwise::add_into;
use crate::engine::operators::values::{Slice, Values};

/// What an operator does when the gradient of its output has come.
pub(crate) trait Backward: Send + Sync {
    /// The operator's name in errors.
    fn name(&self) -> &'static str;

    /// The gradients of the inputs, in their order, from that of the output; `None` where it is
    /// not `wanted`.
    fn backward(&self, gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>>;
}

/// A gradient on its way: empty until the first operator that uses the tensor has handed its own
/// in.
type GradientSlot = Arc<Mutex<Option<Vec<f32>>>>;

/// The tensor of `values` that `operator` has computed from `inputs`, with its backward pass where
/// one of them needs a gradient.
pub(crate) fn record(
    values: Vec<f32>,
    shape: impl Into<Shape>,
    inputs: &[&Tensor],
    operator: impl Backward + 'static,
) -> Result<Tensor> {
    let shape = shape.into();
    count(values.len());
    let wanted: Vec<bool> = inputs.iter().map(|input| input.track_op()).collect();
    if !wanted.contains(&true) {
        return Tensor::from_vec(values, shape, &Device::Cpu);
    }
    let mut chain: Option<Tensor> = None;
    let mut destinations = Vec::with_capacity(inputs.len());
    for input in inputs {
        let Origin { token, slot } = Origin::of(input);
        if input.track_op() {
            let handover = Handover {
                slot: slot.clone(),
                is_own: token.is_some(),
            };
            let from = token.as_ref().unwrap_or(input);
            chain = Some(match chain {
                None => from.apply_op1(handover)?,
                Some(chain) => chain.apply_op2(from, handover)?,
            });
        }
        destinations.push(slot);
    }
    let Some(chain) = chain else {
        bail!("{}: no input needs a gradient", operator.name());
    };
    let slot = GradientSlot::default();
    let token = chain.apply_op1(Computation {
        operator: Box::new(operator),
        wanted,
        slot: slot.clone(),
        destinations,
    })?;
    output(values, shape, token, slot)
}

/// As [`record`], for an operator whose backward pass looks at the output.
pub(crate) fn record_with_output<B: Backward + 'static>(
    values: Vec<f32>,
    shape: impl Into<Shape>,
    inputs: &[&Tensor],
    operator: impl FnOnce(SavedOutput) -> B,
) -> Result<Tensor> {
    let saved = SavedOutput::default();
    let output = record(values, shape, inputs, operator(saved.clone()))?;
    saved.0.get_or_init(|| Values::of_contiguous(&output));
    Ok(output)
}

/// An operator's output, there once it has been recorded.
#[derive(Clone, Default)]
pub(crate) struct SavedOutput(Arc<OnceLock<Values>>);

impl SavedOutput {
    pub(crate) fn read(&self) -> Result<Slice<'_>> {
        match self.0.get() {
            Some(output) => output.read(),
            None => bail!("an operator's output is not there yet"),
        }
    }
}

/// Makes the output and remembers where its gradient is to go.
fn output(values: Vec<f32>, shape: Shape, token: Tensor, slot: GradientSlot) -> Result<Tensor> {
    let id = Arc::new(OnceLock::new());
    let output = token.apply_op1(Output {
        values: Mutex::new(Some((values, shape))),
        slot: slot.clone(),
        id: id.clone(),
    })?;
    id.get_or_init(|| output.id());
    let token = Some(token);
    lock(origins()).insert(output.id(), Origin { token, slot });
    Ok(output)
}

/// Where the gradient of a tensor goes: for an output of this module to its computation.
#[derive(Clone, Default)]
struct Origin {
    token: Option<Tensor>,
    slot: GradientSlot,
}

#[expect(
    clippy::disallowed_types,
    reason = "looked up by identity, never iterated over"
)]
type Origins = std::collections::HashMap<TensorId, Origin>;

/// The living outputs of this module. (candle shows nobody how a tensor was made.)
fn origins() -> &'static Mutex<Origins> {
    static ORIGINS: OnceLock<Mutex<Origins>> = OnceLock::new();
    ORIGINS.get_or_init(Mutex::default)
}

impl Origin {
    fn of(tensor: &Tensor) -> Self {
        lock(origins())
            .get(&tensor.id())
            .cloned()
            .unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What candle's graph carries between operators: the values do not matter.
fn token() -> (CpuStorage, Shape) {
    (CpuStorage::F32(vec![0.0]), Shape::from(()))
}

/// Adds `gradient` to what the slot holds.
fn put(slot: &GradientSlot, gradient: Vec<f32>) {
    let mut held = lock(slot);
    match held.as_mut() {
        None => *held = Some(gradient),
        Some(sum) => {
            add_into(sum, &gradient);
            buffers::give(gradient);
        }
    }
}

/// The last node of an operator: the values that the next one reads.
struct Output {
    values: Mutex<Option<(Vec<f32>, Shape)>>,
    slot: GradientSlot,
    id: Arc<OnceLock<TensorId>>,
}

impl CustomOp1 for Output {
    fn name(&self) -> &'static str {
        "output"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        match lock(&self.values).take() {
            Some((values, shape)) => Ok((CpuStorage::F32(values), shape)),
            None => bail!("the values of an operator can be moved out once only"),
        }
    }

    /// Where candle's own operations used the output, their gradient comes this way.
    fn bwd(&self, token: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        put(&self.slot, Values::of(gradient)?.read()?.to_vec());
        token.zeros_like().map(Some)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let id = self.id.get();
        // Taken out first: dropping it may drop the outputs before it, which lock again.
        let origin = id.and_then(|id| lock(origins()).remove(id));
        drop(origin);
    }
}

/// The node where an operator's backward pass runs, after all those that use its output.
struct Computation {
    operator: Box<dyn Backward>,
    wanted: Vec<bool>,
    slot: GradientSlot,
    destinations: Vec<GradientSlot>,
}

impl CustomOp1 for Computation {
    fn name(&self) -> &'static str {
        self.operator.name()
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok(token())
    }

    fn bwd(&self, chain: &Tensor, _: &Tensor, _: &Tensor) -> Result<Option<Tensor>> {
        let Some(gradient) = lock(&self.slot).take() else {
            bail!("{}: the gradient of the output is missing", self.name());
        };
        let gradients = self.operator.backward(gradient, &self.wanted)?;
        for (destination, gradient) in self.destinations.iter().zip(gradients) {
            if let Some(gradient) = gradient {
                put(destination, gradient);
            }
        }
        chain.zeros_like().map(Some)
    }
}

/// The node between an input and the computation. Several are chained, since candle's operations
/// have three arguments at most.
struct Handover {
    slot: GradientSlot,
    /// The input is an output of this module: its gradient is in its slot already.
    is_own: bool,
}

impl Handover {
    fn gradient(&self, input: &Tensor) -> Result<Option<Tensor>> {
        if self.is_own {
            return input.zeros_like().map(Some);
        }
        let Some(gradient) = lock(&self.slot).take() else {
            bail!("handover: the gradient of an input is missing");
        };
        let gradient = Tensor::from_vec(gradient, input.shape(), &Device::Cpu)?;
        if input.is_variable() {
            return Ok(collect(input, gradient));
        }
        Ok(Some(gradient))
    }
}

impl CustomOp1 for Handover {
    fn name(&self) -> &'static str {
        "handover"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok(token())
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, _: &Tensor) -> Result<Option<Tensor>> {
        self.gradient(input)
    }
}

impl CustomOp2 for Handover {
    fn name(&self) -> &'static str {
        "handover"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(token())
    }

    fn bwd(
        &self,
        chain: &Tensor,
        input: &Tensor,
        _: &Tensor,
        _: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(chain.zeros_like()?), self.gradient(input)?))
    }
}

thread_local! {
    /// The gradients of variables while [`backward`] runs on this thread.
    static COLLECTED: RefCell<Option<Vec<(Tensor, Tensor)>>> = const { RefCell::new(None) };
}

/// Keeps the gradient of a variable for [`backward`], or gives it back for candle to add.
fn collect(variable: &Tensor, gradient: Tensor) -> Option<Tensor> {
    COLLECTED.with_borrow_mut(|collected| match collected {
        Some(collected) => {
            collected.push((variable.clone(), gradient));
            None
        }
        None => Some(gradient),
    })
}

/// The gradients of `loss` by every variable, as `loss.backward()`, without its copies.
///
/// # Errors
/// Where an operation has no backward pass, or the device fails.
pub fn backward(loss: &Tensor) -> Result<GradStore> {
    COLLECTED.replace(Some(Vec::new()));
    let gradients = loss.backward();
    let collected = COLLECTED.take().unwrap_or_default();
    let mut gradients = gradients?;
    for (variable, gradient) in collected {
        let sum = match gradients.remove(&variable) {
            Some(other) => (other + gradient)?,
            None => gradient,
        };
        gradients.insert(&variable, sum);
    }
    Ok(gradients)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Var};

    /// y = 2·(sum of the inputs), for as long as `alive` is counted.
    struct Doubled {
        #[expect(dead_code, reason = "dropped with the graph")]
        alive: Arc<()>,
        #[expect(dead_code, reason = "must not keep the graph alive")]
        output: SavedOutput,
    }

    impl Backward for Doubled {
        fn name(&self) -> &'static str {
            "doubled"
        }

        fn backward(&self, gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
            let doubled: Vec<f32> = gradient.iter().map(|value| 2.0 * value).collect();
            Ok(wanted
                .iter()
                .map(|wanted| wanted.then(|| doubled.clone()))
                .collect())
        }
    }

    fn doubled(inputs: &[&Tensor], alive: &Arc<()>) -> Tensor {
        let sum = inputs
            .iter()
            .map(|input| input.to_vec1::<f32>().unwrap()[0])
            .sum::<f32>();
        let alive = alive.clone();
        record_with_output(vec![2.0 * sum], 1, inputs, |output| Doubled {
            alive,
            output,
        })
        .unwrap()
    }

    fn gradient(store: &GradStore, variable: &Var) -> f32 {
        store.get(variable).unwrap().to_vec1::<f32>().unwrap()[0]
    }

    #[test]
    fn gradients_of_all_uses_add_up_within_and_beside_this_module() {
        let alive = Arc::new(());
        let (x, w) = (
            Var::zeros(1, DType::F32, &Device::Cpu),
            Var::ones(1, DType::F32, &Device::Cpu),
        );
        let (x, w) = (x.unwrap(), w.unwrap());
        // a = 2(x + w), b = 2(a + a + x), loss = a + b + 3a + w: by x 2·(1 + 4 + 3) + 2, by w 17.
        let a = doubled(&[&x, &w], &alive);
        let b = doubled(&[&a, &a, &x], &alive);
        let loss = (((&a + b).unwrap() + (a * 3.0).unwrap()).unwrap() + w.as_tensor()).unwrap();
        for store in [backward(&loss).unwrap(), loss.backward().unwrap()] {
            assert_eq!((gradient(&store, &x), gradient(&store, &w)), (18.0, 17.0));
        }
    }

    #[test]
    fn a_graph_is_freed_with_its_output() {
        let alive = Arc::new(());
        let x = Var::zeros(1, DType::F32, &Device::Cpu).unwrap();
        let first = doubled(&[&x], &alive);
        let second = doubled(&[&first], &alive);
        drop(first);
        assert_eq!(Arc::strong_count(&alive), 3);
        drop(second);
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[test]
    fn without_variables_nothing_is_recorded() {
        let x = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
        assert!(!doubled(&[&x], &Arc::new(())).track_op());
    }
}
