"""Logs written from Python: what is recorded is read back, and what contradicts itself is refused."""

import subprocess
import sys

import numpy
import pytest

from aum_toolkit import Log, aum

LOGITS = numpy.array([[2.0, 0.0], [3.0, 1.0], [-1.0, 3.0]])


def aums(folder, **settings):
    """The AUM of each sample."""
    table = aum(folder, **settings).to_polars()
    return dict(zip(table["sample_id"], table["aum"]))


def record(folder, *batches, run="run", labels=(0, 1, 1), **settings):
    """A run of one epoch."""
    with Log(folder, run, assigned_labels=list(labels), **settings) as log:
        for ids, logits in batches:
            log.record(ids, logits)
        log.end_epoch()


def test_what_is_recorded_is_read_back_and_is_sound(logs):
    assert aums(logs) == {0: 4.0, 1: -4.0, 2: 8.0}
    analyzer = [sys.executable, "-c", "from aum_toolkit.programs import analyzer; analyzer()"]
    check = subprocess.run([*analyzer, "check", logs], capture_output=True, text=True)
    assert (check.returncode, check.stderr) == (0, ""), check.stdout


@pytest.mark.parametrize(
    "of",
    [
        lambda logits: logits,
        lambda logits: logits.astype(numpy.float16),
        lambda logits: logits.astype(">f4"),
        lambda logits: logits.tolist(),
        lambda logits: numpy.asfortranarray(logits.astype(numpy.float32)),
        lambda logits: numpy.repeat(logits, 3, axis=1)[:, ::3],
        lambda logits: logits[::-1][::-1],
    ],
    ids=["double", "half", "big-endian", "lists", "columns first", "every third column", "turned twice"],
)
def test_floats_of_any_type_and_stride_are_taken(tmp_path, of):
    record(tmp_path, ([0, 1, 2], of(LOGITS)))
    assert aums(tmp_path, epochs="1..1") == {0: 2.0, 1: -2.0, 2: 4.0}


def test_samples_come_in_any_order_and_keep_their_own_ids(tmp_path):
    record(tmp_path, ([-7, 1 << 40], LOGITS[[1, 0]]), ([3], LOGITS[2:]), ids=[1 << 40, -7, 3])
    assert aums(tmp_path, epochs="1..1") == {1 << 40: 2.0, -7: -2.0, 3: 4.0}


def test_samples_may_be_called_by_texts_and_labels_given_by_id(tmp_path):
    labels = {"a.png": 0, "b.png": 1, "c.png": 1}
    with Log(tmp_path, "run", assigned_labels=labels, true_labels={"a.png": 0, "b.png": 0, "c.png": None}) as log:
        log.record(["c.png", "a.png", "b.png"], LOGITS[[2, 0, 1]])
        log.end_epoch()
    table = aum(tmp_path, epochs="1..1").to_polars()
    assert table["sample_id"].to_list() == ["b.png", "a.png", "c.png"]
    assert table["true_label"].to_list() == [0, 0, None]


def test_threshold_samples_are_those_whose_assigned_label_is_not_the_given_one(tmp_path):
    logits = numpy.array([[4.0, 0.0, 1.0], [0.0, 2.0, 1.0], [5.0, 0.0, 1.0]])
    for number, assigned in enumerate([[0, 2, 1], [0, 1, 2]], start=1):
        with Log(tmp_path, "run", assigned_labels=assigned, given_labels=[0, 1, 1], pass_number=number) as log:
            log.record([0, 1, 2], logits)
            log.end_epoch()
    table = aum(tmp_path, epochs="1..1").to_polars().sort("sample_id")
    assert table["threshold_sample_p1"].to_list() == [False, True, False]
    assert table["threshold_sample_p2"].to_list() == [False, False, True]
    # 1 − 2 and 1 − 5: the AUM of the one threshold sample of each pass.
    assert table["threshold_p1"][0] == -1.0 and table["threshold_p2"][0] == -4.0
    # Of sample 2 in pass 1, 0 − 5; sample 1 in pass 2, 2 − 1.
    assert table["flagged"].to_list() == [False, False, True]


def test_a_pass_is_never_overwritten_unless_asked_for(tmp_path):
    record(tmp_path, ([0, 1, 2], LOGITS))
    with pytest.raises(FileExistsError, match="already logged"):
        record(tmp_path, ([0, 1, 2], LOGITS))
    record(tmp_path, ([0, 1, 2], LOGITS), pass_number=2)
    record(tmp_path, ([0, 1, 2], 2 * LOGITS), pass_number=2, overwrite=True)
    assert aums(tmp_path, epochs="1..1") == {0: 3.0, 1: -3.0, 2: 6.0}


def test_padded_samples_count_once_where_that_is_asked_for(tmp_path):
    batches = [([0, 1, 2], LOGITS), ([0], [[8.0, 0.0]])]
    with pytest.raises(ValueError, match="sample 0: recorded twice in this epoch"):
        record(tmp_path, *batches)
    record(tmp_path, *batches, run="first", repeats="first")
    record(tmp_path, *batches, run="mean", repeats="mean")
    assert aums(tmp_path, run="first", epochs="1..1")[0] == 2.0
    assert aums(tmp_path, run="mean", epochs="1..1")[0] == 5.0


@pytest.mark.parametrize(
    ("ids", "logits", "reason"),
    [
        ([0, 1], LOGITS, "2 sample ids, but 3 rows"),
        ([0, 1, 9], LOGITS, "sample 9: is none of the samples"),
        ([0, 1, 2], LOGITS[:, :1], "at least two classes"),
        ([0], [[1.0, numpy.nan]], "sample 0: the logit of class 1 is NaN"),
        ([0], [[1e39, 0.0]], "sample 0: the logit of class 0 is inf"),
        ([0], [[1, 0]], "logits are int64"),
        ([0], [1.0, 0.0], "logits have 1 dimensions"),
        ([0.0], [[1.0, 0.0]], "sample ids are float64"),
        (["0"], [[1.0, 0.0]], "sample 0: is none of the samples"),
    ],
)
def test_a_batch_that_cannot_be_logged_is_refused(tmp_path, ids, logits, reason):
    with pytest.raises(ValueError, match=reason):
        record(tmp_path, (ids, logits))


def test_a_network_that_changes_its_number_of_classes_is_refused(tmp_path):
    with pytest.raises(ValueError, match="sample 1: 3 logits, but the pass has 2"):
        record(tmp_path, ([0], LOGITS[:1]), ([1], [[0.0, 0.0, 1.0]]))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"labels": [0, 1, -1]}, "sample 2: assigned label -1 is no class index"),
        ({"labels": [0.0, 1.0, 1.0]}, "assigned_labels are float64"),
        ({"given_labels": [0, 1]}, "2 given_labels, but 3 samples"),
        ({"given_labels": {0: 0, 1: 1}}, "given_labels lack sample 2"),
        ({"is_threshold_sample": [True, False, False]}, "given_labels are missing"),
        ({"ids": [5, 5, 6]}, "sample 5 is there twice"),
        ({"repeats": "all"}, 'give "refuse", "first" or "mean"'),
        ({"logits": "half"}, 'give "float32" or "none"'),
        ({"run": "a/b"}, "the run name"),
        ({"labels": [0, 1, 2]}, "assigned label 2 is beyond the network's 2 outputs"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path, settings, reason):
    with pytest.raises(ValueError, match=reason):
        record(tmp_path, ([0, 1, 2], LOGITS), **settings)


def test_a_skipped_sample_is_refused_and_can_still_be_recorded(tmp_path):
    with Log(tmp_path, "run", assigned_labels=[0, 1, 1]) as log:
        log.record([0, 1], LOGITS[:2])
        with pytest.raises(ValueError, match=r"sample 2: no logits in epoch 1 \(the first of 1 such samples\)"):
            log.end_epoch()
        log.record([2], LOGITS[2:])
        log.end_epoch()
    assert aums(tmp_path, epochs="1..1")[2] == 4.0


def test_an_exception_leaves_whole_epochs_alone(tmp_path):
    with pytest.raises(KeyError):
        with Log(tmp_path, "run", assigned_labels=[0, 1, 1]) as log:
            log.record([0, 1, 2], LOGITS)
            log.end_epoch()
            log.record([0, 1], LOGITS[:2])
            raise KeyError("of the training")
    assert [file.name for file in tmp_path.glob("*.parquet")] == ["run-p1-e0001.parquet"]


def test_an_epoch_that_is_not_ended_is_told(tmp_path):
    with pytest.raises(ValueError, match="epoch 1 was recorded but not ended"):
        with Log(tmp_path, "run", assigned_labels=[0, 1, 1]) as log:
            log.record([0, 1, 2], LOGITS)


def test_nothing_is_recorded_after_the_end(tmp_path):
    log = Log(tmp_path, "run", assigned_labels=[0, 1, 1])
    with pytest.raises(ValueError, match="epoch 1: nothing was recorded"):
        log.end_epoch()
    log.close()
    with pytest.raises(ValueError, match="the log is closed"):
        log.record([0], LOGITS[:1])


def test_a_killed_program_leaves_whole_epochs_alone(tmp_path):
    program = f"""
import os, numpy
from aum_toolkit import Log
log = Log({str(tmp_path)!r}, "run", assigned_labels=[0, 1])
for epoch in range(3):
    log.record([0, 1], numpy.eye(2))
    log.end_epoch()
log.record([0], numpy.eye(2)[:1])
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    # The third was being written.
    assert {"run-p1-e0001.parquet", "run-p1-e0002.parquet"} <= {file.name for file in tmp_path.glob("*.parquet")}
    assert len(aum(tmp_path)) == 2


def test_a_program_that_ends_without_closing_the_log_has_all_epochs_that_were_ended(tmp_path):
    program = f"""
import numpy
from aum_toolkit import Log
log = Log({str(tmp_path)!r}, "run", assigned_labels=[0, 1])
for epoch in range(3):
    log.record([0, 1], numpy.eye(2))
    log.end_epoch()
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert len(list(tmp_path.glob("*.parquet"))) == 3


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Not a directory"):
        record(tmp_path / "file", ([0, 1, 2], LOGITS))


def test_what_is_measured_and_said_of_a_run_is_kept(tmp_path):
    import json

    with Log(tmp_path, "run", assigned_labels=[0, 1, 1], class_names=["cat", "dog"], configuration={"seed": 3}) as log:
        log.record([0, 1, 2], LOGITS)
        log.end_epoch(test_accuracy=0.75)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["configuration"] == {"seed": 3}
    assert record["class_names"] == ["cat", "dog"]
    assert record["files"]["run-p1-e0001.parquet"]["metrics"] == {"test_accuracy": 0.75}


def test_margins_alone_are_kept_where_that_is_asked_for(tmp_path):
    import pyarrow.parquet

    record(tmp_path, ([0, 1, 2], LOGITS), logits="none")
    columns = pyarrow.parquet.read_schema(tmp_path / "run-p1-e0001.parquet").names
    assert "margin" in columns and "logits" not in columns
    assert aums(tmp_path, epochs="1..1") == {0: 2.0, 1: -2.0, 2: 4.0}
