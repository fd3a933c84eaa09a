"""Tensors and training loops of other frameworks, where these are installed: tiny networks, on the CPU."""

import numpy
import pytest

from aum_toolkit import AssignedLabels, Log, aum, threshold_samples

SAMPLES, FEATURES, CLASSES, EPOCHS = 40, 6, 3, 2


def aums(folder, **settings):
    """The AUM of each sample over all epochs, in the order of the ids."""
    return aum(folder, epochs="..", **settings).to_polars().sort("sample_id")["aum"].to_numpy()


class Samples:
    """Features and labels of a fixed stream, as a map-style dataset."""

    def __init__(self):
        stream = numpy.random.default_rng(3)
        self.features = stream.normal(size=(SAMPLES, FEATURES)).astype(numpy.float32)
        self.labels = stream.integers(0, CLASSES, SAMPLES)

    def __len__(self):
        return SAMPLES

    def __getitem__(self, position):
        return self.features[position], int(self.labels[position])


@pytest.fixture
def samples():
    """The samples with the labels of the first pass."""
    samples = Samples()
    first, _ = threshold_samples(samples.labels, CLASSES, count=4)
    return AssignedLabels(samples, first, CLASSES)


def log_of(folder, samples):
    """A log of them."""
    return Log(folder, "run", assigned_labels=samples.assigned_labels, given_labels=samples.given_labels)


def margins(logits, labels):
    """As the log has them: the assigned logit less the largest other."""
    logits = numpy.asarray(logits).astype(numpy.float64)
    rows = numpy.arange(len(labels))
    own = logits[rows, labels]
    logits[rows, labels] = -numpy.inf
    return own - logits.max(1)


def test_tensors_of_pytorch_are_taken_with_gradient_and_of_any_float_type(tmp_path):
    torch = pytest.importorskip("torch")
    logits = torch.tensor([[2.0, 0.0], [3.0, 1.0]], requires_grad=True)
    kinds = [logits, logits.half(), logits.bfloat16(), logits.double(), logits.t().contiguous().t() * 1.0]
    with Log(tmp_path, "run", assigned_labels=[0, 1]) as log:
        for kind in kinds:
            log.record(torch.tensor([0, 1]), kind)
            log.end_epoch()
    assert aums(tmp_path).tolist() == [2.0, -2.0]


def test_arrays_of_jax_are_taken(tmp_path):
    jax = pytest.importorskip("jax")
    logits = jax.numpy.array([[2.0, 0.0], [3.0, 1.0]])
    with Log(tmp_path, "run", assigned_labels=[0, 1]) as log:
        for kind in [logits, logits.astype("bfloat16"), logits.astype("float16")]:
            log.record(jax.numpy.array([0, 1]), kind)
            log.end_epoch()
    assert aums(tmp_path).tolist() == [2.0, -2.0]


def test_a_loop_of_pytorch_logs_the_outputs_that_it_trains_on(tmp_path, samples):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    network = torch.nn.Linear(FEATURES, CLASSES + 1)
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    expected = numpy.zeros(SAMPLES)
    with log_of(tmp_path, samples) as log:
        for _ in range(EPOCHS):
            for inputs, labels, ids in torch.utils.data.DataLoader(samples, 7, shuffle=True):
                logits = network(inputs)
                log.record(ids, logits)
                expected[ids] += margins(logits.detach().numpy(), labels) / EPOCHS
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(logits, labels).backward()
                optimiser.step()
            log.end_epoch()
    judged = samples.assigned_labels < CLASSES
    assert numpy.abs(aums(tmp_path)[judged] - expected[judged]).max() < 1e-6


def test_the_trainer_of_hugging_face_logs_and_takes_the_ids_away(tmp_path, samples):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from aum_toolkit.huggingface import LogCallback

    configuration = transformers.BertConfig(
        vocab_size=20,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        num_labels=CLASSES + 1,
    )
    model = transformers.BertForSequenceClassification(configuration)
    tokens = numpy.random.default_rng(0).integers(0, 20, (SAMPLES, 5))
    rows = [
        {"input_ids": torch.tensor(tokens[position]), "label": label, "sample_id": sample}
        for position, (_, label, sample) in enumerate(samples[position] for position in range(SAMPLES))
    ]

    def train(folder, log, column, **settings):
        settings = {"remove_unused_columns": False, "report_to": [], "disable_tqdm": True, **settings}
        settings |= {"num_train_epochs": EPOCHS, "per_device_train_batch_size": 7, "eval_strategy": "epoch", "use_cpu": True}
        arguments = transformers.TrainingArguments(str(folder), **settings)
        callbacks = [LogCallback(log, column)]
        transformers.Trainer(model, arguments, train_dataset=rows, eval_dataset=rows[:9], callbacks=callbacks).train()

    train(tmp_path / "trainer", log_of(tmp_path / "logs", samples), "sample_id")
    assert len(list((tmp_path / "logs").glob("*.parquet"))) == EPOCHS
    assert len(aums(tmp_path / "logs")) == SAMPLES
    with pytest.raises(KeyError, match="the batch has no 'sample_id'; give remove_unused_columns=False"):
        train(tmp_path / "trainer", log_of(tmp_path / "none", samples), "sample_id", remove_unused_columns=True)


def test_the_trainer_of_lightning_logs(tmp_path, samples):
    torch = pytest.importorskip("torch")
    lightning = pytest.importorskip("lightning.pytorch")
    from aum_toolkit.lightning import LogCallback

    class Network(lightning.LightningModule):
        def __init__(self, returns_logits):
            super().__init__()
            self.layer = torch.nn.Linear(FEATURES, CLASSES + 1)
            self.returns_logits = returns_logits

        def training_step(self, batch, batch_idx):
            inputs, labels, _ = batch
            logits = self.layer(inputs)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            return {"loss": loss, "logits": logits} if self.returns_logits else loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    def train(folder, returns_logits):
        trainer = lightning.Trainer(
            accelerator="cpu",
            max_epochs=EPOCHS,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[LogCallback(log_of(folder, samples))],
        )
        trainer.fit(Network(returns_logits), torch.utils.data.DataLoader(samples, 7, shuffle=True))

    train(tmp_path / "logs", True)
    assert len(aums(tmp_path / "logs")) == SAMPLES
    with pytest.raises(KeyError, match="training_step returned no logits"):
        train(tmp_path / "none", False)


def test_a_model_of_keras_logs(tmp_path, samples):
    keras = pytest.importorskip("keras")
    from aum_toolkit.keras import LogCallback

    features = samples.dataset.features
    model = keras.Sequential([keras.Input((FEATURES,)), keras.layers.Dense(CLASSES + 1)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    labels, ids = samples.assigned_labels, numpy.arange(SAMPLES)
    callback = LogCallback(model, log_of(tmp_path / "logs", samples))
    first = margins(model.predict(features, verbose=0), labels)
    history = model.fit(
        features, (labels, ids), batch_size=SAMPLES, epochs=EPOCHS, verbose=0, validation_data=(features, labels), callbacks=[callback]
    )
    assert "val_accuracy" in history.history
    judged = labels < CLASSES
    logged = aum(tmp_path / "logs", epochs="1..1").to_polars().sort("sample_id")["aum"].to_numpy()
    assert numpy.abs(logged[judged] - first[judged]).max() < 1e-5
    assert len(list((tmp_path / "logs").glob("*.parquet"))) == EPOCHS
    with pytest.raises(KeyError, match="the labels have no sample ids"):
        model.fit(features, labels, verbose=0)


DISTRIBUTED = """
import sys
import numpy
import torch
from torch.utils.data import DataLoader, DistributedSampler
from aum_toolkit import Log

rank, folder = int(sys.argv[1]), sys.argv[2]
torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
torch.manual_seed(0)
features = torch.from_numpy(numpy.random.default_rng(3).normal(size=(41, 6)).astype(numpy.float32))
labels = torch.arange(41) % 3
network = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(6, 3))
optimiser = torch.optim.SGD(network.parameters(), 0.1)
sampler = DistributedSampler(range(41))
seen = []
with Log(f"{folder}/logs", "run", assigned_labels=labels, rank=rank, world_size=2, repeats="first") as log:
    for epoch in range(3):
        sampler.set_epoch(epoch)
        for ids in DataLoader(range(41), batch_size=8, sampler=sampler):
            logits = network(features[ids])
            log.record(ids, logits)
            seen.append((epoch, ids.tolist(), logits.tolist()))
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(logits, labels[ids]).backward()
            optimiser.step()
        log.end_epoch()
    torch.save(seen, f"{folder}/seen-{rank}")
torch.distributed.destroy_process_group()
"""


def test_ranks_of_torch_distributed_make_one_log(tmp_path):
    torch = pytest.importorskip("torch")
    import subprocess
    import sys

    ranks = [subprocess.Popen([sys.executable, "-c", DISTRIBUTED, str(rank), str(tmp_path)]) for rank in range(2)]
    assert [rank.wait(120) for rank in ranks] == [0, 0]
    expected = numpy.full((3, 41), numpy.nan)
    # 41 samples on two ranks: the sampler repeats one, and what rank 0 saw of it counts.
    for rank in (1, 0):
        for epoch, ids, logits in torch.load(tmp_path / f"seen-{rank}"):
            expected[epoch, ids] = margins(logits, numpy.array(ids) % 3)
    numpy.testing.assert_allclose(aums(tmp_path / "logs"), expected.mean(0), atol=1e-6)
