"""Builds the wheel by maturin, with the program `recorder` among its scripts.

It is the very file that cargo builds, with its own allocator and its own way to end on Ctrl-C, and no part of the
extension: that stays without what trains networks, and is as quickly imported as before.
"""

import json
import shutil
import subprocess
from pathlib import Path

import maturin
from maturin import (  # noqa: F401  what pip asks a backend for
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

HERE = Path(__file__).parent
# Maturin puts what is in this folder where a wheel has its scripts (pyproject.toml).
SCRIPTS = HERE / "aum_toolkit.data" / "scripts"
# It asks for the folder even where it writes no more than the metadata.
SCRIPTS.mkdir(parents=True, exist_ok=True)


def add_recorder():
    """Builds it, and puts it where maturin looks."""
    command = ["cargo", "build", "--release", "--locked", "--package", "recorder", "--bin", "recorder"]
    command.append("--message-format=json-render-diagnostics")
    told = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout
    built = [json.loads(line).get("executable") for line in told.splitlines()]
    for program in filter(None, built):
        shutil.copy(program, SCRIPTS)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    add_recorder()
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    add_recorder()
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)
