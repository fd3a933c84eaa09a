"""Logs what a Trainer of Lightning trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

from aum_toolkit.log import Log


class LogCallback(Callback):
    """Records the logits of each training step and ends each epoch of `log`.

    `training_step` returns `{"loss": loss, "logits": logits}`, and the batch has the sample ids.

        Trainer(callbacks=[LogCallback(log)])     # batches are (inputs, labels, ids), as of AssignedLabels

    Parameters
    ----------
    log:
        An open `Log`; it is closed when the training ends, however it does.
    ids:
        The sample ids of a batch; its last entry if nothing is said.

    Raises
    ------
    KeyError
        In training, where `training_step` returns no logits.
    """

    def __init__(self, log: Log, ids: Callable[[Any], Any] = lambda batch: batch[-1]) -> None:
        self.run_log = log  # `log` is a method that Lightning gives to callbacks
        self.ids = ids

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if not isinstance(outputs, dict) or "logits" not in outputs:
            raise KeyError('training_step returned no logits; return {"loss": loss, "logits": logits.detach()}')
        self.run_log.record(self.ids(batch), outputs["logits"])

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.run_log.end_epoch()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.run_log.close()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self.run_log.close()
