# What all tests share. They test the faceseg that Python finds: an installed wheel, or with PYTHONPATH=python this
# folder and the library that FACESEG_LIBRARY names.
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import faceseg

REPOSITORY = Path(__file__).resolve().parents[2]
SMALL_FIXTURES = REPOSITORY / "Tests/FaceSegCTests/Fixtures/inference"
ALL_FIXTURES = Path(os.environ.get("FACESEG_FIXTURES", REPOSITORY.parent / "shared/fixtures")) / "inference"
PHOTO = REPOSITORY / "examples/photos/astronaut.png"
# Lines that tests add and the end of a run prints: figures that the README has.
FIGURES: list[str] = []
NET = SMALL_FIXTURES / "fcn8s_unpacked.caffemodel"  # an FCN of three classes


def pytest_terminal_summary(terminalreporter):
    for line in FIGURES:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def photo():
    """(512, 512, 3) uint8, RGB."""
    pixels = np.array(Image.open(PHOTO).convert("RGB"))
    pixels.setflags(write=False)
    return pixels


@pytest.fixture(scope="session")
def small(photo):
    """(130, 97, 3): odd sides, not square."""
    pixels = np.ascontiguousarray(photo[20:150, 180:277])
    pixels.setflags(write=False)
    return pixels


@pytest.fixture
def session():
    with faceseg.Session() as session:
        yield session


@pytest.fixture
def seen(monkeypatch):
    """The images that faceseg_run was given, as (address, row_bytes, format)."""
    library, images = faceseg._library.library, []
    run = library.faceseg_run

    def spy(pointer, image, *others):
        images.append((image.plane[0], image.row_bytes[0], image.format))
        return run(pointer, image, *others)

    monkeypatch.setattr(library, "faceseg_run", spy)
    return images


def run_guide(text, capsys, least):
    """Runs the Python of a guide from top to bottom: each block prints what stands below it. least: of blocks."""
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", text, re.S)
    names = {}
    for code, printed in blocks:
        exec(compile(code, code, "exec"), names)
        assert capsys.readouterr().out == printed, code
    assert len(blocks) >= least


def nets(folder):
    """Paths without ending of the nets of a folder that have all four files."""
    ends = (".prototxt", ".caffemodel", ".input.npy", ".score.npy")
    bases = sorted(str(path)[: -len(".score.npy")] for path in folder.glob("*.score.npy"))
    return [base for base in bases if all(os.path.exists(base + end) for end in ends)]
