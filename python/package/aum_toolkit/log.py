"""Logs a training loop: the logits of every sample in every epoch, in the format that the analyzer reads."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from aum_toolkit import _core
from aum_toolkit.arrays import as_ids, as_integers, as_logits, in_order, with_unknown


class Log:
    """Logs one pass of a run: `record` for every batch, `end_epoch` after every epoch.

    Logits are those of the forward pass that trains: in training mode, of the augmented inputs, before the
    update that uses them. Every sample belongs in every epoch exactly once, in any order; so a loader must
    not drop its last batch. Epochs are written whole, in the background: whatever ends the program leaves
    whole epochs only.

    Parameters
    ----------
    folder, run:
        Files are called `<folder>/<run>-p<pass>-e<epoch>.parquet`.
    assigned_labels:
        The class index that each sample is trained on, from 0; for a threshold sample the extra class. An
        array of n integers, or a mapping from sample id to label.
    given_labels:
        The labels that the data set carries, the same as the assigned ones if nothing is said. Needed
        where there are threshold samples.
    true_labels:
        The labels known to be right, where they are; None, NaN or −1 for a sample without.
    is_threshold_sample:
        n booleans; if nothing is said, the samples whose assigned label is not the given one.
    ids:
        The name of each sample: n different integers or texts; 0 to n − 1 if nothing is said, or the keys
        of the mapping.
    class_names:
        The names of the classes by their index, without the extra one.
    pass_number:
        1 for the first set of threshold samples, 2 for the next: the same run, another `Log`.
    configuration:
        What the run should say of itself. The analyzer knows `learning_rate_drops`, the epochs (from 1)
        that begin with a lower learning rate: AUMs are taken up to the first.
    repeats:
        What becomes of a sample that comes more than once in an epoch, as with a sampler that pads:
        "refuse" it, keep the "first" logits, or their "mean".
    logits:
        "none" keeps margins alone, which AUMs need; "float32" keeps all logits, which other scores need.
    overwrite:
        Whether to replace this pass, or a run that has no other, where it was logged before.
    rank, world_size:
        Which process this is, of how many that train together. Each opens the same `Log`, with the labels of all
        samples, before the first epoch, and records what it sees; rank 0 puts that together into whole epochs,
        and its metrics are kept. All write to the same folder. Where a sampler pads, say what of a
        sample counts (`repeats`).
    wait_seconds:
        How long rank 0 waits for the others at the end of an epoch.

    Raises
    ------
    ValueError
        For labels, ids or settings that contradict each other.
    FileExistsError
        Where this pass was logged before, unless `overwrite`.
    OSError
        Where the folder cannot be written to.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        run: str,
        *,
        assigned_labels: Any,
        given_labels: Any = None,
        true_labels: Any = None,
        is_threshold_sample: Any = None,
        ids: Any = None,
        class_names: Sequence[str] = (),
        pass_number: int = 1,
        configuration: Mapping[str, Any] | None = None,
        repeats: Literal["refuse", "first", "mean"] = "refuse",
        logits: Literal["float32", "none"] = "float32",
        overwrite: bool = False,
        rank: int = 0,
        world_size: int = 1,
        wait_seconds: float = 600,
    ) -> None:
        if ids is None:
            ids = list(assigned_labels) if isinstance(assigned_labels, Mapping) else range(len(assigned_labels))

        def labels(what: str, values: Any) -> Any:
            array = as_integers(what, in_order(what, values, ids))
            if len(array) != len(ids):
                raise ValueError(f"{len(array)} {what}, but {len(ids)} samples; give one a sample")
            return array

        assigned = labels("assigned_labels", assigned_labels)
        given = assigned if given_labels is None else labels("given_labels", given_labels)
        if is_threshold_sample is None:
            is_threshold_sample = assigned != given
        elif given_labels is None and any(is_threshold_sample):
            raise ValueError("given_labels are missing: those of threshold samples are not the assigned ones")
        if true_labels is not None:
            true_labels = labels("true_labels", with_unknown(in_order("true_labels", true_labels, ids)))
        if pass_number < 1:
            raise ValueError(f"pass_number is {pass_number}; give 1 for the first pass")
        if not 0 <= rank < world_size:
            raise ValueError(f"rank is {rank} of {world_size}; give 0 to {max(world_size - 1, 0)}")
        if not wait_seconds >= 0:
            raise ValueError(f"wait_seconds is {wait_seconds}; give a number from 0 on")
        if logits not in ("float32", "none"):
            raise ValueError(f'logits is {logits!r}; give "float32" or "none"')
        settings = {
            "folder": Path(folder),
            "run": run,
            "pass_number": pass_number,
            "class_names": list(class_names),
            "configuration": json.dumps(dict(configuration or {}), allow_nan=False),
            "keep_logits": logits == "float32",
            "repeats": repeats,
            "overwrite": overwrite,
            "rank": rank,
            "world_size": world_size,
            "wait_seconds": wait_seconds,
        }
        marks = [bool(mark) for mark in in_order("is_threshold_sample", is_threshold_sample, ids)]
        if len(marks) != len(ids):
            raise ValueError(f"{len(marks)} is_threshold_sample, but {len(ids)} samples; give one a sample")
        self._core = _core.Log(settings, as_ids(ids), assigned, given, true_labels, marks)
        # A program that ends without closing the log still has all epochs that were ended.
        weakref.finalize(self, self._core.close)

    @property
    def epoch(self) -> int:
        """The epoch that is being recorded, from 1."""
        return self._core.epoch

    def record(self, ids: Any, logits: Any) -> None:
        """Takes the logits of a batch.

        Parameters
        ----------
        ids:
            n sample ids: a list, a tensor or an array.
        logits:
            n × classes (the extra class included), of any float type: NumPy, PyTorch (with gradient, on a
            GPU: copied to the host), JAX, TensorFlow, or what NumPy takes.

        Raises
        ------
        ValueError
            For an unknown id, a sample that was recorded before in this epoch (unless `repeats` allows it), NaN
            or infinity, another number of classes than before, or another number of ids than rows.
        """
        self._core.record(as_ids(ids), as_logits(logits))

    def end_epoch(self, **metrics: float) -> None:
        """Hands the epoch over to be written; the next one begins. Rank 0 waits until the others have ended it too.

        `metrics` are kept in the run's record; the analyzer shows `test_accuracy` and
        `validation_accuracy` (0 to 1).

        Raises
        ------
        ValueError
            Where a sample has no logits in this epoch.
        OSError
            Where this epoch or one before could not be written.
        TimeoutError
            Where a rank has not ended this epoch within `wait_seconds`; calling this again waits again.
        RuntimeError
            Where a rank on this machine has died.
        """
        self._core.end_epoch({name: float(value) for name, value in metrics.items()})

    def close(self) -> list[Path]:
        """Waits until all epochs that were ended are on the disk, and returns their files.

        An epoch that was not ended is left out. Raises OSError where one could not be written.
        """
        return self._core.close()

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        was_open, epoch = self._core.has_open_epoch, self.epoch
        self._core.close(has_failed=kind is not None)
        if was_open and kind is None:
            raise ValueError(f"epoch {epoch} was recorded but not ended, and is left out; call end_epoch() after each epoch")
