#!/bin/sh
# Makes the virtual environment of the benchmarks where it is missing or older than
# requirements.txt, and prints the path of its Python. About 1.5 GB, half of it downloaded.
#
# Environment: AUM_BENCH_VENV (where; default benchmarks/.venv), PYTHON (default python3, 3.11 on).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${AUM_BENCH_VENV:-$here/.venv}
python=$venv/bin/python

if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  {
    echo "making $venv"
    "${PYTHON:-python3}" -m venv "$venv"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
    "$python" "$here/stand_in_cuda.py" "$("$python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')"
    "$python" -c 'import torch; torch.randn(2, 2) @ torch.randn(2, 2)'
    # Last: an environment that was left half made is made again.
    cp "$here/requirements.txt" "$venv/requirements.txt"
  } >&2
fi
echo "$python"
