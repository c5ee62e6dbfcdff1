"""What we write is read by others: OpenCV 4's dnn opens converted files with the scores of the originals.

A net counts if OpenCV reads Caffe's own files of it rightly, so that no list of names is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ALL_FIXTURES, REPOSITORY, SMALL_FIXTURES, nets

import faceseg

cv2 = pytest.importorskip("cv2", reason="pip install 'opencv-python-headless<5' to test what OpenCV reads")
COMMAND = os.environ.get("FACESEG_COMMAND") or (
    str(REPOSITORY / "build/faceseg") if (REPOSITORY / "build/faceseg").exists() else shutil.which("faceseg"))
needs_command = pytest.mark.skipif(not COMMAND, reason="no faceseg command: run make, or set FACESEG_COMMAND")


def opencv_score(prototxt: Path, caffemodel: Path, x: np.ndarray, blob: str) -> np.ndarray:
    net = cv2.dnn.readNetFromCaffe(str(prototxt), str(caffemodel))
    net.setInput(x)
    return net.forward(blob)


def relative_error(got: np.ndarray, wanted: np.ndarray) -> float:
    if got.shape != wanted.shape:
        return float("inf")
    return float(np.abs(got - wanted).max() / np.abs(wanted).max())


def convert(source: Path, out: Path, *more: str) -> None:
    subprocess.run([str(COMMAND), "convert", str(source), "-o", str(out), *more], check=True, capture_output=True)


@needs_command
@pytest.mark.parametrize("base", nets(ALL_FIXTURES) or nets(SMALL_FIXTURES), ids=lambda base: Path(base).name)
def test_opencv_reads_what_we_write(base: str, tmp_path: Path) -> None:
    prototxt, caffemodel = Path(f"{base}.prototxt"), Path(f"{base}.caffemodel")
    x, wanted = np.load(f"{base}.input.npy"), np.load(f"{base}.score.npy")
    try:
        readable = relative_error(opencv_score(prototxt, caffemodel, x, "score"), wanted) < 1e-4
    except cv2.error:
        readable = False
    convert(caffemodel, tmp_path / "net.caffemodel", "--prototxt", str(prototxt))
    convert(prototxt, tmp_path / "net.prototxt")
    if readable:
        theirs = opencv_score(tmp_path / "net.prototxt", tmp_path / "net.caffemodel", x, "score")
        assert relative_error(theirs, wanted) < 1e-4
    # Ours reads its own copy alone, with the bits of the original.
    with faceseg.Session(faceseg.Model(tmp_path / "net.caffemodel")) as copy:
        with faceseg.Session(faceseg.Model(caffemodel, prototxt=prototxt)) as original:
            np.testing.assert_array_equal(copy.forward(x, "score"), original.forward(x, "score"))


def test_enough_nets_are_readable_by_opencv() -> None:
    """The test above would pass on nothing if OpenCV read no net at all."""
    base = SMALL_FIXTURES / "light_unet"
    x, wanted = np.load(f"{base}.input.npy"), np.load(f"{base}.score.npy")
    theirs = opencv_score(Path(f"{base}.prototxt"), Path(f"{base}.caffemodel"), x, "score")
    assert relative_error(theirs, wanted) < 1e-4


@needs_command
def test_opencv_reads_the_built_in_network(tmp_path: Path) -> None:
    network = REPOSITORY / "Sources/EmbeddedNetwork/standard.caffemodel"
    convert(network, tmp_path / "net.prototxt")
    x = np.random.default_rng(0).normal(0, 1, (1, 3, 256, 256)).astype(np.float32)
    theirs = opencv_score(tmp_path / "net.prototxt", network, x, "score")
    with faceseg.Session() as session:
        assert relative_error(session.forward(x), theirs) < 1e-4
