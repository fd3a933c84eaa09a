"""The analyzer's questions from Python: the same answers as the program's, as tables that others take."""

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import aum_toolkit
from aum_toolkit import aum, confusions, estimate, evaluate, flagged, plot, report, scores


def analyzer(*words):
    """What the program prints."""
    program = [sys.executable, "-c", "from aum_toolkit.programs import analyzer; analyzer()"]
    return subprocess.run([*program, *map(str, words)], capture_output=True, text=True)


def test_a_table_is_what_the_program_prints(logs):
    table = aum(logs, percentile=95, per_class=True)
    assert str(table) == analyzer("aum", logs, "--percentile", 95, "--per-class").stdout.rstrip("\n")
    assert table.to_pandas().to_csv(index=False).splitlines()[1].startswith("three,1,")


def test_pandas_polars_pyarrow_and_duckdb_take_a_table_as_it_is(logs):
    import duckdb
    import polars
    import pyarrow

    found = aum(logs)
    expected = [1, 0, 2]
    assert found.to_pandas()["sample_id"].tolist() == expected
    assert found.to_polars()["sample_id"].to_list() == expected
    assert polars.DataFrame(found).equals(found.to_polars())
    assert pyarrow.table(found)["sample_id"].to_pylist() == expected
    assert duckdb.sql("select sum(aum) from found").fetchall() == [(8.0,)]
    assert len(found) == 3 and found.columns == found.to_polars().columns


def test_the_summary_is_the_json_of_the_program(logs):
    (run,) = aum(logs).summary
    assert run["run"] == "three" and run["settings"]["samples"] == 3


def test_settings_are_the_words_of_the_command_line(logs):
    assert aum(logs, epochs=(1, 2)).to_polars()["aum"].to_list() == [-3.0, 3.0, 6.0]
    assert aum(logs, epochs="1..2", run=["three"], pass_number=1, low_memory=True).summary == aum(logs, epochs=(1, 2)).summary
    assert aum([logs / "three-p1-e0001.parquet"], epochs=(1, 1)).to_polars()["aum"].to_list() == [-2.0, 2.0, 4.0]


@pytest.mark.parametrize("command", ["aum", "evaluate", "estimate", "scores", "confusions", "report", "plot"])
def test_the_settings_that_types_tell_are_options_of_the_command(command):
    from aum_toolkit import questions, settings

    named = "Window" if command == "scores" else command.title()
    told = getattr(settings, f"{named}Settings").__annotations__
    assert "epochs" in told
    known = analyzer(command, "--help").stdout
    options = [questions.options({name: "x"})[0].removesuffix("=x") for name in told if name != "epochs"]
    assert [option for option in options if f"{option} " not in known and f"{option}\n" not in known] == []


def test_errors_are_of_pythons_kinds_and_speak_of_keyword_arguments(logs):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        aum("nowhere")
    with pytest.raises(TypeError, match="percentil"):
        aum(logs, percentil=95)
    with pytest.raises(ValueError, match="percentile="):
        aum(logs, percentile=101)
    with pytest.raises(ValueError, match="they have three, so give one of these to run="):
        aum(logs, run="four")
    second = logs / "three-p1-e0002.parquet"
    second.write_bytes(second.read_bytes()[:2000])
    with pytest.raises(ValueError, match="three-p1-e0002.parquet: is truncated"):
        aum(logs)


def test_what_makes_a_result_doubtful_is_a_warning(logs):
    with pytest.warns(UserWarning, match="percentile= 0.99 is in percent"):
        aum(logs, percentile=0.99)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        aum(logs, percentile=0.99, quiet=True)


@pytest.fixture
def two_passes(tmp_path):
    """A run of twenty samples in two classes, two passes with two threshold samples each. Samples 0 and 1 are
    mislabeled, and have the lowest AUMs."""
    import numpy
    from aum_toolkit import Log

    labels = numpy.arange(20) % 2
    truth = labels.copy()
    truth[:2] = 1 - truth[:2]
    for number, threshold in enumerate([[4, 5], [6, 7]], start=1):
        assigned = labels.copy()
        assigned[threshold] = 2
        with Log(tmp_path, "run", assigned_labels=assigned, given_labels=labels, true_labels=truth, pass_number=number) as log:
            for _ in range(3):
                logits = numpy.zeros((20, 3))
                logits[numpy.arange(20), truth] = numpy.arange(20) + 3.0
                log.record(range(20), logits)
                log.end_epoch()
    return tmp_path


def test_flagged_samples_are_those_below_the_threshold_the_worst_first(two_passes):
    # The threshold samples' AUMs are −(4 + 3) … −(7 + 3); sample 0 has −3, sample 1 −4, so with a threshold of 0
    # both are flagged.
    assert flagged(two_passes, threshold=0).to_polars()["sample_id"].to_list() == [1, 0]
    assert len(flagged(two_passes)) == 0


def test_each_question_has_the_table_of_its_command(two_passes):
    measures = evaluate(two_passes, threshold=0).to_polars()
    assert measures.filter(measures["metric"] == "precision")["value"].to_list() == [1.0]
    by_class = evaluate(two_passes, threshold=0, table="classes").to_polars()
    assert by_class["given_label"].to_list() == [0, 1]
    mistakes = confusions(two_passes, threshold=0).to_polars()
    assert mistakes["count"].to_list() == [1, 1]
    assert {"sample_id", "aum", "el2n"} <= set(scores(two_passes).columns)
    assert len(estimate(two_passes, resamples=20, quiet=True)) == 20


def test_a_plot_is_shown_by_a_notebook_and_a_report_written(two_passes):
    picture = plot("histogram", two_passes, threshold=0)
    assert picture._repr_svg_().startswith("<svg")
    picture.save(two_passes / "plot.svg")
    assert (two_passes / "plot.svg").read_text() == picture.svg
    page = report(two_passes, two_passes / "report.html", threshold=0)
    assert "analyzer report" in page.read_text()
    with pytest.raises(ValueError, match="add overwrite= to replace it"):
        report(two_passes, two_passes / "report.html")
    with pytest.raises(ValueError, match="pie"):
        plot("pie", two_passes)


def test_the_program_is_the_same_as_the_one_without_python(logs):
    assert analyzer("--version").stdout.startswith("analyzer ")
    wrong = analyzer("aum", "nowhere")
    assert wrong.returncode == 1 and wrong.stderr.startswith("analyzer: nowhere")
    assert analyzer("aum").returncode == 2


def test_the_recorder_of_the_wheel_records_what_python_reads(tmp_path):
    recorder = Path(sys.executable).with_name("recorder")
    words = ["run", "--model", "mlp", "--epochs", "2", "--noise", "0.2", "--quiet", "--out", tmp_path]
    done = subprocess.run([recorder, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(aum(tmp_path, quiet=True)) == 1438


def test_importing_the_package_imports_no_framework_and_not_even_numpy():
    asked = "import aum_toolkit, sys; print([name for name in ('numpy', 'pandas', 'torch') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout == "[]\n"
    assert set(aum_toolkit.__all__) <= set(dir(aum_toolkit))
