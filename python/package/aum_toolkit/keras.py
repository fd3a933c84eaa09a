"""Logs what a model of Keras 3 trains, on any of its backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from aum_toolkit.log import Log


class LogCallback(keras.callbacks.Callback):
    """Records the outputs of each training step and ends each epoch of `log`.

    Labels come with their sample ids, as a pair; loss and metrics see the labels alone. The model gives
    logits, so its loss is one with `from_logits=True`.

        model.fit(inputs, (labels, ids), callbacks=[LogCallback(model, log)])

    Parameters
    ----------
    model:
        The model to be trained; ids are taken away for it from here on.
    log:
        An open `Log`; it is closed when the training ends.

    Raises
    ------
    KeyError
        In training, where labels come without ids.
    """

    def __init__(self, model: keras.Model, log: Log) -> None:
        super().__init__()
        self.log = log
        loss, metrics = model.compute_loss, model.compute_metrics

        def compute_loss(
            x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            labels, ids = parted(y)
            if training:
                self.record(ids, y_pred)
            return loss(x, labels, y_pred, sample_weight, training)

        def compute_metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            return metrics(x, parted(y)[0], y_pred, sample_weight)

        model.compute_loss, model.compute_metrics = compute_loss, compute_metrics

    def record(self, ids: Any, logits: Any) -> None:
        """Records a batch, from within a compiled step where the backend has such."""
        if ids is None:
            raise KeyError("the labels have no sample ids; give pairs: model.fit(inputs, (labels, ids))")
        match keras.backend.backend():
            case "jax":
                import jax

                jax.debug.callback(self.log.record, ids, logits)
            case "tensorflow":
                import tensorflow

                tensorflow.py_function(self.log.record, [ids, logits], [])
            case _:
                self.log.record(ids, logits)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if keras.backend.backend() == "jax":
            import jax

            barrier: Callable[[], None] = jax.effects_barrier  # has no types itself
            barrier()
        self.log.end_epoch()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.log.close()


def parted(labels: Any) -> tuple[Any, Any]:
    """Labels and sample ids."""
    if isinstance(labels, (tuple, list)) and len(labels) == 2:
        return labels[0], labels[1]
    return labels, None
