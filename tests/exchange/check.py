"""Records runs of a few images and vectors, exports them, and has the tools' own packages take what was written."""

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy
from PIL import Image

PROGRAMS, SCRATCH = Path(sys.argv[1]), Path(sys.argv[2])
CLASSES = ["cat", "dog & co"]


def program(name, *words):
    words = [str(word) for word in words]
    done = subprocess.run([PROGRAMS / name, *words], cwd=SCRATCH, capture_output=True, text=True)
    assert done.returncode == 0, f"{name} {' '.join(words)}: {done.stderr}"
    return done.stdout


def analyzer(*words):
    return program("analyzer", *words)


def photos():
    """80 images of two colours, 8 of them in the folder of the other."""
    colours = numpy.random.default_rng(0)
    for number in range(80):
        is_dog = number % 2
        given = 1 - is_dog if number < 8 else is_dog
        pixels = colours.normal(200 if is_dog else 60, 20, (16, 16, 3)).clip(0, 255)
        folder = SCRATCH / "photos" / CLASSES[given]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{number:03}.png")
    program("recorder", "run", "--dataset", "images", "--data", "photos", "--image-size", 16, "--model", "mlp",
            "--epochs", 6, "--name", "photos", "--out", "photos-logs")


def table():
    """200 vectors with a text beside them, in a CSV file."""
    values = numpy.random.default_rng(1)
    with open(SCRATCH / "table.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["x", "y", "z", "label"])
        for number in range(200):
            label = number % 2
            given = 1 - label if number < 20 else label
            rows.writerow([*values.normal(3 * label, 1, 3).round(3), CLASSES[given]])
    program("recorder", "run", "--dataset", "features", "--data", "table.csv", "--epochs", 6, "--name", "table",
            "--out", "table-logs")


def label_studio():
    from label_studio_sdk.label_interface import LabelInterface

    analyzer("export", "photos-logs", "--to", "label-studio", "-o", "tasks.json")
    choices = "".join(f'<Choice value="{name.replace("&", "&amp;")}"/>' for name in CLASSES)
    config = f'<View><Image name="image" value="$image"/><Choices name="label" toName="image">{choices}</Choices></View>'
    interface = LabelInterface(config)
    tasks = json.loads((SCRATCH / "tasks.json").read_text())
    assert tasks
    for task in tasks:
        assert interface.validate_task({"data": task["data"]}), task
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction), prediction
    return f"{len(tasks)} tasks"


def argilla():
    import argilla

    analyzer("export", "photos-logs", "--to", "argilla", "-o", "records.json")
    records = [argilla.Record.from_dict(record) for record in json.loads((SCRATCH / "records.json").read_text())]
    assert records
    for record in records:
        assert record.fields["image"].startswith("photos")
        for suggestion in record.suggestions:
            assert suggestion.question_name == "label" and suggestion.value in CLASSES, suggestion
    return f"{len(records)} records"


def cvat():
    analyzer("export", "photos-logs", "--to", "cvat", "-o", "annotations.xml")
    root = ElementTree.parse(SCRATCH / "annotations.xml").getroot()
    assert [label.find("name").text for label in root.iter("label")] == CLASSES
    images = root.findall("image")
    assert images and all(image.find("tag").get("label") in CLASSES for image in images)
    return f"{len(images)} images, as XML"


def fiftyone():
    analyzer("export", "photos-logs", "--to", "fiftyone", "-o", "fiftyone")
    paths = json.loads((SCRATCH / "fiftyone/data.json").read_text())
    labels = json.loads((SCRATCH / "fiftyone/labels.json").read_text())["labels"]
    assert paths.keys() == labels.keys()
    assert all((SCRATCH / path).is_file() for path in paths.values())
    return f"{len(labels)} labels, as JSON"


def cleanlab():
    from cleanlab.filter import find_label_issues

    analyzer("export", "table-logs", "--to", "cleanlab", "-o", "cleanlab")
    labels = numpy.load(SCRATCH / "cleanlab/labels.npy")
    found = []
    for file in sorted((SCRATCH / "cleanlab").glob("pred_probs-*.npy")):
        probabilities = numpy.load(file)
        assert numpy.allclose(probabilities.sum(axis=1), 1, atol=1e-4)
        found.append(int(find_label_issues(labels, probabilities).sum()))
    assert len(found) == 3
    return f"finds {found} issues by the three models, of 20 wrong labels"


def huggingface():
    from datasets import load_dataset

    analyzer("export", "table-logs", "--to", "huggingface", "-o", "cleaned.parquet")
    cleaned = load_dataset("parquet", data_files=str(SCRATCH / "cleaned.parquet"), cache_dir=str(SCRATCH / "hub"))["train"]
    # Their column `label` is texts.
    assert cleaned.features["given_label"].names == CLASSES, cleaned.features
    assert cleaned[0]["label"] == CLASSES[cleaned[0]["given_label"]]
    return f"{len(cleaned)} of 200 rows, {', '.join(cleaned.column_names)}"


def numpy_arrays():
    values = numpy.random.default_rng(2)
    logits = values.normal(size=(5, 40, 3)).astype("float32")
    labels = values.integers(0, 3, 40)
    others = logits.copy()
    others[:, numpy.arange(40), labels] = -numpy.inf
    expected = (logits[:, numpy.arange(40), labels] - others.max(axis=2)).astype("float64").mean(axis=0)
    powers = numpy.exp(logits.astype("float64"))
    probabilities = (powers / powers.sum(axis=2, keepdims=True)).transpose(1, 2, 0)
    numpy.save(SCRATCH / "logits.npy", numpy.asfortranarray(logits))
    numpy.save(SCRATCH / "labels.npy", labels)
    numpy.save(SCRATCH / "one-hot.npy", numpy.eye(3)[labels])
    numpy.save(SCRATCH / "probabilities.npy", probabilities)
    numpy.savez(SCRATCH / "run.npz", logits=logits.astype("float64"), labels=labels)
    numpy.savez_compressed(SCRATCH / "small.npz", logits=logits, labels=labels.astype("uint8"))
    for words in [["logits.npy", "--labels", "labels.npy"], ["run.npz"], ["small.npz"],
                  ["probabilities.npy", "--labels", "one-hot.npy", "--probabilities"]]:
        analyzer("import", *words, "-o", "arrays", "--overwrite")
        rows = csv.DictReader(analyzer("aum", "arrays", "--epochs", "1..", "--format", "csv", "-q").splitlines())
        found = {int(row["sample_id"]): float(row["aum"]) for row in rows}
        assert numpy.allclose([found[sample] for sample in range(40)], expected, atol=1e-6), words
    return "the same AUMs from NPY, NPZ and probabilities"


photos()
table()
for check in [label_studio, argilla, cvat, fiftyone, cleanlab, huggingface, numpy_arrays]:
    print(f"{check.__name__}: {check()}", flush=True)
