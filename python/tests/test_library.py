# Finding the library, what it says of the machine, the wheel, and the examples in docstrings and in the guide.
import doctest
import hashlib
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from conftest import NET, PHOTO, REPOSITORY, run_guide

import faceseg

MODULES = sorted(path.stem for path in Path(faceseg.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name):
    module = "faceseg" if name == "__init__" else f"faceseg.{name}"
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_examples_are_in_the_docstrings():
    values = ("Head", "Region", "Runtime", "Status")  # their fields have comments
    for name in [name for name in faceseg.__all__ if name not in values] + ["map"]:
        assert ">>> " in getattr(faceseg, name).__doc__, name


def test_guide(tmp_path, monkeypatch, capsys):
    """Its Python runs from top to bottom and prints what the guide says."""
    from PIL import Image

    Image.open(PHOTO).convert("RGB").save(tmp_path / "photo.png")
    shutil.copy(NET, tmp_path / "their.caffemodel")
    shutil.copy(NET.with_suffix(".prototxt"), tmp_path / "their.prototxt")
    monkeypatch.chdir(tmp_path)
    run_guide((REPOSITORY / "docs/python.md").read_text("utf-8"), capsys, least=8)


def test_runtime():
    found = faceseg.runtime()
    assert found.cpu in ("avx512", "avx2", "neon", "scalar")
    assert found.threads == len(os.sched_getaffinity(0))
    assert os.path.isabs(found.library) and os.path.exists(found.library)
    assert found.openmp is None or "omp" in found.openmp


def run(code, **environment):
    folder = str(Path(faceseg.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": folder, **environment},
    )


def test_environment_names_the_library(tmp_path):
    copy = tmp_path / "other name.so"
    shutil.copy(faceseg.runtime().library, copy)
    done = run("import faceseg; print(faceseg.runtime().library)", FACESEG_LIBRARY=str(copy))
    assert done.stdout.strip() == str(copy), done.stderr


def test_library_of_the_system(tmp_path):
    """Without a file in the package, the linker's search finds it by its soname."""
    folder = Path(faceseg.__file__).parent
    shutil.copytree(folder, tmp_path / "faceseg", ignore=shutil.ignore_patterns("lib", "__pycache__"))
    shutil.copy(faceseg.runtime().library, tmp_path / "libfaceseg.so.0")
    done = run(
        "import faceseg; print(faceseg.__file__, faceseg.runtime().library)",
        PYTHONPATH=str(tmp_path),
        LD_LIBRARY_PATH=str(tmp_path),
        FACESEG_LIBRARY="",
    )
    assert done.stdout.split() == [f"{tmp_path}/faceseg/__init__.py", f"{tmp_path}/libfaceseg.so.0"], done.stderr


def test_library_that_is_none(tmp_path):
    (tmp_path / "text.so").write_text("no library")
    for path in (tmp_path / "text.so", tmp_path / "nowhere.so", "libm.so.6"):
        done = run("import faceseg", FACESEG_LIBRARY=str(path))
        assert "ImportError: faceseg cannot use the library" in done.stderr and "FACESEG_LIBRARY" in done.stderr


def test_pillow_is_not_needed():
    done = run(
        "import sys; sys.modules['PIL'] = None\n"
        "import faceseg, numpy; print(faceseg.segment(numpy.zeros((9, 9, 3), numpy.uint8)).sum())"
    )
    assert done.stdout.strip().isdigit(), done.stderr


class TestWheel:
    @pytest.fixture
    def backend(self, monkeypatch):
        monkeypatch.setenv("FACESEG_LIBRARY_FILE", faceseg.runtime().library)
        monkeypatch.syspath_prepend(REPOSITORY / "python/backend")
        spec = importlib.util.spec_from_file_location("faceseg_wheel", REPOSITORY / "python/backend/faceseg_wheel.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_is_whole(self, backend, tmp_path):
        try:
            name = backend.build_wheel(str(tmp_path))
        except backend.BuildError as error:
            pytest.skip(str(error))
        assert re.fullmatch(r"faceseg-0\.1\.0-py3-none-linux_(x86_64|aarch64)\.whl", name)
        with zipfile.ZipFile(tmp_path / name) as wheel:
            files = set(wheel.namelist())
            for wanted in ("lib/libfaceseg.so", "lib/libomp.so.5", "py.typed", "__init__.py", "_session.py"):
                assert f"faceseg/{wanted}" in files
            info = "faceseg-0.1.0.dist-info"
            assert "BSD 2-Clause" in wheel.read(f"{info}/licenses/LICENSE").decode()
            assert "LLVM Exceptions" in wheel.read(f"{info}/licenses/libomp/copyright").decode()
            assert "Apache License" in wheel.read(f"{info}/licenses/libomp/Apache-2.0").decode()
            assert "non-commercial" in wheel.read(f"{info}/licenses/LICENSE-weights.txt").decode()
            listed = [line.split(",") for line in wheel.read(f"{info}/RECORD").decode().splitlines()]
            assert {path for path, _, _ in listed} == files
            for path, digest, size in listed[:-1]:
                data = wheel.read(path)
                assert len(data) == int(size)
                assert hashlib.sha256(data).digest() == urlsafe_b64decode(digest.partition("=")[2] + "=")

    def test_source_distribution(self, backend, tmp_path):
        """It says what it needs, makes the same wheel given a library, and gets the same bytes again."""
        name = backend.build_sdist(str(tmp_path))
        archive = tmp_path / name
        before = archive.read_bytes()
        backend.build_sdist(str(tmp_path))
        assert name == "faceseg-0.1.0.tar.gz" and archive.read_bytes() == before
        with tarfile.open(archive) as tar:
            tar.extractall(tmp_path)
        folder = tmp_path / "faceseg-0.1.0"
        assert (folder / "PKG-INFO").read_text().startswith("Metadata-Version: 2.4\nName: faceseg\nVersion: 0.1.0\n")
        code = f"import sys; sys.path.insert(0, {str(folder)!r} + '/python/backend'); import faceseg_wheel as backend\n"
        code += f"print(backend.build_wheel({str(tmp_path)!r}))"
        without = {**os.environ, "PATH": "/nowhere"}
        del without["FACESEG_LIBRARY_FILE"]
        done = subprocess.run([sys.executable, "-c", code], env=without, cwd=folder, capture_output=True, text=True)
        assert "building it needs swift, make" in done.stderr and "or install a wheel" in done.stderr
        try:
            wheel = backend.build_wheel(str(tmp_path))
        except backend.BuildError as error:
            pytest.skip(str(error))
        ours = (tmp_path / wheel).read_bytes()
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
        assert done.stdout.strip() == wheel and (tmp_path / wheel).read_bytes() == ours

    def test_library_that_is_not_built(self, backend, tmp_path, monkeypatch):
        monkeypatch.setenv("FACESEG_LIBRARY_FILE", str(tmp_path / "none.so"))
        with pytest.raises(backend.BuildError, match="none.so is not there. Run `make`"):
            backend.build_wheel(str(tmp_path))

    def test_openmp_that_is_not_installed(self, backend, tmp_path, monkeypatch):
        monkeypatch.setattr(backend.shutil, "which", lambda *_, **__: None)
        with pytest.raises(backend.BuildError, match="apt-get install libomp-dev"):
            backend.build_wheel(str(tmp_path))
