# The ctypes structs and functions against the header: a C compiler says how large and where, the text how many.
import ctypes
import re
import shutil
import subprocess

import pytest
from conftest import REPOSITORY

import faceseg
from faceseg import _structs
from faceseg._library import FUNCTIONS, library

HEADER = REPOSITORY / "include/faceseg.h"
TEXT = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
STRUCTS = {name: kind for name, kind in vars(_structs).items() if name.startswith("faceseg_")}


def test_every_struct_is_here():
    assert set(re.findall(r"typedef struct (faceseg_\w+) \{", TEXT)) == set(STRUCTS)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
def test_layouts(tmp_path):
    lines, wanted = [], []
    for name, kind in STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        wanted.append(f"{name} {ctypes.sizeof(kind)}")
        for field, _ in kind._fields_:
            place = getattr(kind, field)
            lines.append(
                f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
            )
            wanted.append(f"{name}.{field} {place.offset} {place.size}")
    assert compiled(tmp_path, lines) == wanted


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
def test_numbers(tmp_path):
    names = [name for name in vars(_structs) if re.fullmatch(r"[A-Z0-9_]+", name) and not name.startswith("MOST_")]
    wanted = [f"FACESEG_{name} {getattr(_structs, name)}" for name in names]
    wanted += [f"FACESEG_{status.name} {status.value}" for status in faceseg.Status]
    lines = [f'printf("{line.split()[0]} %d\\n", (int){line.split()[0]});' for line in wanted]
    assert len(wanted) >= 24 and compiled(tmp_path, lines) == wanted


def compiled(folder, lines):
    (folder / "print.c").write_text(
        f'#include "{HEADER}"\n#include <stdio.h>\nint main(void) {{\n' + "\n".join(lines) + "\nreturn 0; }\n"
    )
    subprocess.run([COMPILER, "-std=c99", "-o", folder / "print", folder / "print.c"], check=True)
    return subprocess.run([folder / "print"], capture_output=True, text=True, check=True).stdout.splitlines()


def test_every_function_is_declared():
    declared = re.findall(r"^[\w *]*?\b(faceseg_\w+)\(([^;{]*)\);", TEXT, re.M)
    assert {name: 0 if inside == "void" else inside.count(",") + 1 for name, inside in declared} == {
        name: len(arguments) for name, _, arguments in FUNCTIONS
    }


def test_status_names():
    for status in faceseg.Status:
        assert library.faceseg_status_name(status).decode() == faceseg.FaceSegError(status, "").status_name
    assert library.faceseg_status_name(99).decode() == faceseg.FaceSegError(99, "").status_name == "unknown status"


def test_version():
    assert faceseg.runtime().version == faceseg.__version__
    major, minor, patch = map(int, faceseg.__version__.split("."))
    assert library.faceseg_version() == major * 10000 + minor * 100 + patch
