"""Processes that train together make one log: real processes, through nothing but the folder."""

import multiprocessing
import os
import signal
import time

import numpy
import pytest

from aum_toolkit import Log, aum

SAMPLES, CLASSES, EPOCHS = 11, 3, 3
LABELS = numpy.arange(SAMPLES) % CLASSES
WORLD = 2


def logits_of(epoch):
    """Of every sample in an epoch."""
    return numpy.random.default_rng(epoch).normal(size=(SAMPLES, CLASSES)).astype(numpy.float32)


def padded_share(rank, epoch):
    """As torch's DistributedSampler: shuffled alike on each rank, padded from the front, dealt in turn."""
    order = numpy.random.default_rng(100 + epoch).permutation(SAMPLES)
    return numpy.concatenate([order, order])[: -(-SAMPLES // WORLD) * WORLD][rank::WORLD]


def train(folder, rank, at_epoch=lambda rank, epoch: None, **settings):
    """One rank."""
    settings = {"repeats": "first", **settings}
    with Log(folder, "run", assigned_labels=LABELS, rank=rank, world_size=WORLD, **settings) as log:
        for epoch in range(1, EPOCHS + 1):
            at_epoch(rank, epoch)
            for ids in numpy.array_split(padded_share(rank, epoch), 2):
                log.record(ids, logits_of(epoch)[ids])
            log.end_epoch(test_accuracy=0.5)


def in_processes(*arguments, ranks=range(WORLD), **settings):
    """Each rank in a process of its own; their exit statuses."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=train, args=(arguments[0], rank, *arguments[1:]), kwargs=settings) for rank in ranks]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def files(folder):
    return sorted(path.name for path in folder.glob("*.parquet"))


@pytest.fixture
def alone(tmp_path):
    """What one process would have logged."""
    folder = tmp_path / "alone"
    with Log(folder, "run", assigned_labels=LABELS) as log:
        for epoch in range(1, EPOCHS + 1):
            log.record(range(SAMPLES), logits_of(epoch))
            log.end_epoch(test_accuracy=0.5)
    return folder


def test_the_log_of_two_processes_is_that_of_one_to_the_byte(tmp_path, alone):
    together = tmp_path / "together"
    assert in_processes(together) == [0, 0]
    assert files(together) == files(alone) and len(files(alone)) == EPOCHS
    for name in [*files(alone), "run/run.json"]:
        assert (together / name).read_bytes() == (alone / name).read_bytes(), name
    assert [path.name for path in (together / "run").iterdir()] == ["run.json"]


def test_what_a_padding_sampler_repeats_is_refused_unless_a_rule_says_what_counts(tmp_path, capfd):
    assert in_processes(tmp_path, repeats="refuse")[0] == 1
    assert "recorded twice in this epoch" in capfd.readouterr().err
    assert files(tmp_path) == []


def test_a_rank_that_is_killed_is_named_and_whole_epochs_stay(tmp_path, capfd):
    def die(rank, epoch):
        if (rank, epoch) == (1, 2):
            os.kill(os.getpid(), signal.SIGKILL)

    began = time.monotonic()
    assert in_processes(tmp_path, die, wait_seconds=50) == [1, -signal.SIGKILL]
    # By its lock, and not by the end of patience.
    assert time.monotonic() - began < 40
    said = capfd.readouterr().err
    assert "RuntimeError: run run, pass 1: epoch 2 lacks the logits of 1 of 2 ranks: rank 1 has died" in said
    assert files(tmp_path) == ["run-p1-e0001.parquet"]
    assert len(aum(tmp_path, quiet=True)) == SAMPLES


def test_a_rank_that_fails_is_named(tmp_path, capfd):
    def fail(rank, epoch):
        if (rank, epoch) == (1, 2):
            raise KeyError("of the training")

    assert in_processes(tmp_path, fail) == [1, 1]
    assert "rank 1 has died" in capfd.readouterr().err
    assert files(tmp_path) == ["run-p1-e0001.parquet"]


def test_the_shards_of_a_run_whose_rank_0_is_killed_stay_until_they_are_replaced(tmp_path, alone):
    def die(rank, epoch):
        if (rank, epoch) == (0, 2):
            os.kill(os.getpid(), signal.SIGKILL)

    together = tmp_path / "together"
    assert in_processes(together, die) == [-signal.SIGKILL, 0]
    shards = together / "run" / "ranks" / "p1-r1of2"
    assert sorted(path.name for path in shards.iterdir()) == ["e0002.logits", "e0003.logits"]
    assert files(together) in ([], ["run-p1-e0001.parquet"])  # the first was being written
    for rank in range(WORLD):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            train(together, rank)
    assert in_processes(together, overwrite=True) == [0, 0]
    assert files(together) == files(alone)
    assert not shards.exists()


def test_rank_0_waits_as_long_as_it_is_told_and_may_ask_again(tmp_path):
    with Log(tmp_path, "run", assigned_labels=LABELS, world_size=WORLD, repeats="first", wait_seconds=0.1) as log:
        ids = padded_share(0, 1)
        log.record(ids, logits_of(1)[ids])
        for _ in range(2):
            with pytest.raises(TimeoutError, match="rank 1 has not begun or has ended before.*wait_seconds="):
                log.end_epoch()
        with Log(tmp_path, "run", assigned_labels=LABELS, rank=1, world_size=WORLD) as other:
            with pytest.raises(TimeoutError, match="rank 1 has not ended it yet"):
                log.end_epoch()
            ids = padded_share(1, 1)
            other.record(ids, logits_of(1)[ids])
            other.end_epoch()
        log.end_epoch()
    assert files(tmp_path) == ["run-p1-e0001.parquet"]


def test_a_sample_that_no_rank_saw_is_told(tmp_path):
    with Log(tmp_path, "run", assigned_labels=LABELS, rank=1, world_size=WORLD) as other:
        other.record([0], logits_of(1)[:1])
        other.end_epoch()
        with Log(tmp_path, "run", assigned_labels=LABELS, world_size=WORLD) as log:
            log.record([1, 2], logits_of(1)[1:3])
            with pytest.raises(ValueError, match=r"sample 3: no logits in epoch 1 \(the first of 8 such samples\)"):
                log.end_epoch()
            log.record(range(3, SAMPLES), logits_of(1)[3:])
            log.end_epoch()


def test_passes_follow_each_other_on_every_rank(tmp_path):
    assert in_processes(tmp_path) == [0, 0]
    assert in_processes(tmp_path, pass_number=2) == [0, 0]
    assert len(files(tmp_path)) == 2 * EPOCHS


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"rank": 2, "world_size": 2}, "rank is 2 of 2; give 0 to 1"),
        ({"rank": -1}, "rank is -1 of 1; give 0 to 0"),
        ({"world_size": 0}, "rank is 0 of 0"),
        ({"wait_seconds": -1}, "wait_seconds is -1"),
        ({"wait_seconds": float("nan")}, "wait_seconds is nan"),
    ],
)
def test_ranks_that_cannot_be_are_refused(tmp_path, settings, reason):
    with pytest.raises(ValueError, match=reason):
        Log(tmp_path, "run", assigned_labels=LABELS, **settings)


def test_ranks_with_other_labels_are_refused(tmp_path):
    log = Log(tmp_path, "run", assigned_labels=LABELS, world_size=WORLD)
    with Log(tmp_path, "run", assigned_labels=LABELS[::-1], rank=1, world_size=WORLD) as other:
        other.record([0], logits_of(1)[:1])
        other.end_epoch()
    log.record(range(1, SAMPLES), logits_of(1)[1:])
    with pytest.raises(ValueError, match="other samples, labels or outputs than rank 0"):
        log.end_epoch()
    log.close()
