"""What frameworks hand over, as the arrays that the log takes: without a copy where the memory, the type and
the strides allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

# Of NumPy's kinds: booleans, integers, complex numbers, texts and objects.
NO_FLOATS = "biucUSO"


def as_logits(values: Any) -> numpy.ndarray:
    """Logits as 32-bit floats in rows; of any float type, with a gradient, on a GPU."""
    import numpy

    array = numpy.asarray(on_the_host(values))
    if array.dtype.kind in NO_FLOATS:
        raise ValueError(f"logits are {array.dtype}; give the outputs of the network before the softmax, as floats")
    # What is too large becomes infinite, which the log refuses with the name of the sample.
    with numpy.errstate(over="ignore"):
        return numpy.ascontiguousarray(array, numpy.float32)


def as_ids(values: Any) -> Any:
    """Sample ids as 64-bit integers, or as a list of texts."""
    import numpy

    array = numpy.asarray(on_the_host(values))
    if array.dtype.kind in "US":
        return [str(text) for text in array.ravel()]
    return as_integers("sample ids", array)


def as_integers(what: str, values: Any) -> numpy.ndarray:
    """One dimension of 64-bit integers."""
    import numpy

    array = numpy.asarray(on_the_host(values))
    if array.dtype.kind not in "iu":
        raise ValueError(f"{what} are {array.dtype}; give whole numbers")
    if array.ndim != 1:
        raise ValueError(f"{what} have {array.ndim} dimensions; give one value a sample")
    return numpy.ascontiguousarray(array, numpy.int64)


def on_the_host(values: Any) -> Any:
    """What NumPy can look at: tensors of PyTorch without their gradient and on the CPU, others as they are."""
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu()
    return (values.float() if values.is_floating_point() else values).numpy()


def in_order(what: str, labels: Any, ids: Any) -> Any:
    """Labels in the order of the ids, where they are given by id."""
    if not isinstance(labels, Mapping):
        return labels
    missing = [key for key in ids if key not in labels]
    if missing:
        raise ValueError(f"{what} lack sample {missing[0]} (the first of {len(missing)}); give one a sample")
    return [labels[key] for key in ids]


def with_unknown(labels: Sequence[Any] | None) -> Any:
    """True labels with −1 for the unknown ones, which may be None, NaN or below 0."""
    import numpy

    if labels is None:
        return None
    array = numpy.asarray(on_the_host(labels))
    if array.dtype.kind in "iu":
        return array
    return [-1 if label is None or label != label else int(label) for label in array.tolist()]
