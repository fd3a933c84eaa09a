"""Can PyTorch's wheel from PyPI run on the CPU without two gigabytes of CUDA libraries?

For Linux, PyPI carries the CUDA build alone; the CPU build lives on download.pytorch.org. Both
contain the same CPU operators (`libtorch_cpu.so`, with MKL and oneDNN), but the CUDA build does not
load without cuBLAS, cuDNN, NCCL and their like, though it calls none of them as long as every
tensor is on the CPU.

So this compiles a stand-in for each of those libraries: one small file with the symbols that
PyTorch asks for, read from its own binaries. Every function answers 100, which is
`cudaErrorNoDevice`: PyTorch behaves as on a machine without a GPU. What is needed are a C compiler
(Rust needs one, too) and binutils. Where PyTorch loads without them, as on macOS, nothing is done.

    stand_in_cuda.py SITE_PACKAGES
"""

import argparse
import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

# What every Linux has, by the start of its name.
SYSTEM_LIBRARIES = ("libc.", "libm.", "libdl.", "librt.", "libpthread.", "libgcc_s.", "libstdc++.", "ld-linux")
# What `import torch` loads; the rest of torch/lib is loaded when a GPU is used.
LOADED_ON_IMPORT = ("libtorch_python.so", "libtorch_global_deps.so")

# Symbols without a version, from any library; with one, by the version's name.
Symbols = dict[str, set[str]]


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed_by(library: Path) -> list[str]:
    return re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "-d", library))


def loaded_libraries(folder: Path) -> tuple[list[Path], set[str]]:
    """The libraries in `folder` that an import loads, and those that are missing for it."""
    waiting, found, missing = list(LOADED_ON_IMPORT), [], set()
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        if not (folder / name).exists():
            missing.add(name)
            continue
        found.append(folder / name)
        new = [n for n in needed_by(folder / name) if n not in seen and not n.startswith(SYSTEM_LIBRARIES)]
        seen.update(new)
        waiting.extend(new)
    return found, missing


def versions_of(library: Path) -> dict[str, str]:
    """For each symbol version that `library` asks for, the library that has to define it."""
    owner, versions = "", {}
    for line in output_of("readelf", "-W", "-V", library).splitlines():
        if file := re.search(r"File: (\S+)", line):
            owner = file[1]
        elif version := re.search(r"Name: (\S+)\s+Flags:.*Version:", line):
            versions[version[1]] = owner
    return versions


def undefined_symbols(library: Path) -> Symbols:
    symbols: Symbols = defaultdict(set)
    for line in output_of("nm", "-D", "--undefined-only", library).splitlines():
        kind, _, symbol = line.strip().partition(" ")
        name, _, version = symbol.partition("@")
        if kind == "U":
            symbols[version.lstrip("@")].add(name)
    return symbols


def defined_symbols(library: Path) -> set[str]:
    lines = output_of("nm", "-D", "--defined-only", library).splitlines()
    return {line.split()[-1].partition("@")[0] for line in lines}


def missing_symbols(libraries: list[Path], missing: set[str]) -> dict[str, Symbols]:
    """For each missing library, the symbols by version that it has to define.

    A symbol without a version may come from any library: one stand-in takes them all.
    """
    wanted: dict[str, Symbols] = {name: defaultdict(set) for name in missing}
    defined = set().union(*map(defined_symbols, libraries))
    unversioned = wanted[min(missing)][""]
    for library in libraries:
        owners = versions_of(library)
        for version, names in undefined_symbols(library).items():
            if not version:
                unversioned |= names - defined
            elif owners.get(version) in missing:
                wanted[owners[version]][version] |= names
    return wanted


def compile_stand_in(target: Path, symbols: Symbols) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder, "stand_in.c"), Path(folder, "versions.map")
        source.write_text("".join(map(definition, sorted(set().union(*symbols.values())))))
        versions = (f"{version} {{ global: {'; '.join(sorted(names))}; }};\n" for version, names in symbols.items() if version)
        script.write_text("".join(versions))
        options = [f"-Wl,--version-script={script}"] if script.stat().st_size else []
        # -w: some names are the compiler's own, with other types.
        command = ["cc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{target.name}"]
        subprocess.run([*command, *options, "-o", target, source], check=True)


def definition(name: str) -> str:
    if name.endswith("String"):
        return f'const char *{name}(void) {{ return "CUDA is not installed"; }}\n'
    return f"long {name}(void) {{ return 100; }}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile stand-ins for the CUDA libraries that PyTorch misses.")
    parser.add_argument("site_packages", type=Path, help="folder that holds torch/")
    folder = parser.parse_args().site_packages / "torch" / "lib"
    if not (folder / LOADED_ON_IMPORT[0]).exists():
        return
    libraries, missing = loaded_libraries(folder)
    if missing:
        for name, symbols in missing_symbols(libraries, missing).items():
            compile_stand_in(folder / name, symbols)
        print(f"compiled stand-ins for {len(missing)} CUDA libraries in {folder}")


if __name__ == "__main__":
    main()
