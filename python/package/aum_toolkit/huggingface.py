"""Logs what a Trainer of Hugging Face's `transformers` trains."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from aum_toolkit.log import Log


class LogCallback(TrainerCallback):
    """Records the logits of each training step and ends each epoch of `log`.

    Give `remove_unused_columns=False` to the `TrainingArguments`, so that the column of ids reaches the
    model, and a data set with this column; it is taken away before `forward`. Labels are the assigned ones.

        Trainer(model, TrainingArguments(..., remove_unused_columns=False), train_dataset=samples,
                callbacks=[LogCallback(log)])

    Parameters
    ----------
    log:
        An open `Log`; it is closed when the training ends.
    id_column:
        The column with the sample ids.

    Raises
    ------
    KeyError
        In training, where a batch lacks the ids.
    """

    def __init__(self, log: Log, id_column: str = "sample_id") -> None:
        self.log = log
        self.id_column = id_column
        self.ids: Any = None
        self.hooks: list[Any] = []

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **others: Any
    ) -> None:
        self.hooks = [
            model.register_forward_pre_hook(self.take_ids, with_kwargs=True),
            model.register_forward_hook(self.record),
        ]

    def take_ids(self, model: Any, arguments: tuple[Any, ...], inputs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Before `forward`, in training and in evaluation."""
        self.ids = inputs.pop(self.id_column, None)
        return arguments, inputs

    def record(self, model: Any, arguments: tuple[Any, ...], outputs: Any) -> None:
        """After `forward`."""
        if not model.training:
            return
        if self.ids is None:
            raise KeyError(
                f"the batch has no {self.id_column!r}; give remove_unused_columns=False, and the name of the column as id_column="
            )
        self.log.record(self.ids, outputs["logits"] if isinstance(outputs, dict) else outputs.logits)

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any) -> None:
        self.log.end_epoch()

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any) -> None:
        for hook in self.hooks:
            hook.remove()
        self.log.close()
