# OpenCV's users: the example in examples/opencv, and what docs/opencv.md says, run from top to bottom.
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import NET, PHOTO, REPOSITORY, run_guide
from test_interchange import COMMAND, needs_command

import faceseg

cv2 = pytest.importorskip("cv2", reason="pip install 'opencv-python-headless<5' to test what OpenCV's users do")
EXAMPLE = REPOSITORY / "examples/opencv/segment.py"
GUIDE = (REPOSITORY / "docs/opencv.md").read_text("utf-8")


@pytest.fixture(scope="module")
def bgr():
    return cv2.imread(str(PHOTO))


@pytest.fixture(scope="module")
def film(tmp_path_factory, bgr):
    """Three frames of 128 x 128, the photo a little further left in each."""
    path = str(tmp_path_factory.mktemp("film") / "film.avi")
    out = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 25, (128, 128))
    assert out.isOpened()
    for shift in (0, 20, 40):
        out.write(cv2.resize(bgr[:, shift : 472 + shift], (128, 128), interpolation=cv2.INTER_AREA))
    out.release()
    return path


def example(*arguments):
    folder = os.path.dirname(os.path.dirname(faceseg.__file__))
    return subprocess.run(
        [sys.executable, str(EXAMPLE), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": folder, "FACESEG_LIBRARY": faceseg.runtime().library},
    )


def frames(path):
    video, found = cv2.VideoCapture(str(path)), []
    while True:
        read, frame = video.read()
        if not read:
            return found
        found.append(frame)


def test_photo(tmp_path, bgr, photo):
    done = example(PHOTO, tmp_path / "cutout.png")
    assert done.returncode == 0, done.stderr
    cutout = cv2.imread(str(tmp_path / "cutout.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(cutout[..., :3], bgr)
    alpha = faceseg.segment(photo, output="alpha")  # of the same photo, red first
    np.testing.assert_array_equal(cutout[..., 3], (alpha * 255 + 0.5).astype(np.uint8))


@pytest.mark.parametrize("most", [None, 2])
def test_video(tmp_path, film, most):
    done = example(film, tmp_path / "painted.avi", *([] if most is None else [most]))
    assert done.returncode == 0, done.stderr
    before, after = frames(film)[:most], frames(tmp_path / "painted.avi")
    assert done.stdout == f"{len(before)} frames\n" and len(after) == len(before) == (most or 3)
    for frame, painted in zip(before, after):
        wanted = faceseg.segment(frame, channels="bgr", output="overlay")[..., ::-1]
        assert np.abs(painted.astype(int) - wanted).mean() < 3  # JPEG
        assert np.abs(painted.astype(int) - frame).mean() > 4  # something was painted


def test_what_is_neither(tmp_path):
    nothing = tmp_path / "nothing.txt"
    nothing.write_text("no picture")
    done = example(nothing, tmp_path / "out.avi")
    assert done.returncode == 1 and "nothing.txt: OpenCV finds neither a photo nor a video" in done.stderr
    assert example().returncode == 1


@pytest.fixture
def guide_folder(tmp_path, monkeypatch, bgr, film):
    cv2.imwrite(str(tmp_path / "photo.png"), bgr)
    shutil.copy(film, tmp_path / "film.avi")
    shutil.copy(NET, tmp_path / "their.caffemodel")
    shutil.copy(NET.with_suffix(".prototxt"), tmp_path / "their.prototxt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_guide(guide_folder, capsys):
    """Its Python prints what it says."""
    if not hasattr(cv2.dnn, "readNetFromCaffe"):
        pytest.skip("OpenCV 5 reads no Caffe files, as the guide says")
    run_guide(GUIDE, capsys, least=6)


@needs_command
def test_guides_shell(guide_folder):
    """Its commands run, and the converted file gives what the two files gave."""
    (block,) = re.findall(r"```sh\n(.*?)```", GUIDE, re.S)
    path = os.pathsep.join((os.path.dirname(COMMAND), os.environ["PATH"]))
    subprocess.run(["sh", "-ec", block], check=True, env={**os.environ, "PATH": path}, capture_output=True)
    one = faceseg.Model("faces.caffemodel")
    two = faceseg.Model("their.caffemodel", prototxt="their.prototxt", working_size=500, reduce_size=-1)
    picture = cv2.imread("photo.png")
    labels = faceseg.segment(picture, channels="bgr", model=one)
    np.testing.assert_array_equal(labels, faceseg.segment(picture, channels="bgr", model=two))
    from PIL import Image

    np.testing.assert_array_equal(Image.open("mask.png"), labels)
