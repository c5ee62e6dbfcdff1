# `faceseg live` under Xvfb, with a clip for a camera: what stands on the screen, keys, how it ends.
import json
import os
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

from conftest import PROGRAM, faceseg, ffmpeg, make

WIDTH, HEIGHT = 640, 480


@pytest.fixture(scope="module")
def display():
    """An empty screen of the clip's size, so that the window covers it."""
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"],
                              pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    number = os.read(reading, 16).decode().strip()
    yield ":" + number
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Twelve seconds, which no test waits for."""
    return make(tmp_path_factory.mktemp("live") / "clip.mp4", "-c:v", "libx264", "-preset", "ultrafast", width=WIDTH,
                height=HEIGHT, seconds=12, sound=False)


def start(display, *arguments, cwd):
    return subprocess.Popen([PROGRAM, "live", *map(str, arguments), "--json"], cwd=cwd, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**os.environ, "DISPLAY": display})


def screen(display):
    pixels = ffmpeg("-f", "x11grab", "-draw_mouse", 0, "-video_size", f"{WIDTH}x{HEIGHT}", "-i", display,
                    "-frames:v", 1, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    return np.frombuffer(pixels, np.uint8).reshape(HEIGHT, WIDTH, 3)


def press(display, *keys):
    subprocess.run(["xdotool", "mousemove", "300", "300", "key", *keys], check=True,
                   env={**os.environ, "DISPLAY": display})


def wait(process, until, seconds=20):
    end = time.time() + seconds
    while not until():
        assert process.poll() is None, process.stderr.read()
        assert time.time() < end
        time.sleep(0.1)


def end(process, display):
    press(display, "q")
    told, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    return json.loads(told)


def is_green(display):
    return (np.abs(screen(display)[-60:, :60].astype(int) - (0, 177, 64)).max(axis=2) < 4).mean() > 0.95


def test_frames_are_counted(display, clip, tmp_path):
    process = start(display, clip, "--frames", 10, cwd=tmp_path)
    told, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    told = json.loads(told)
    assert told["frames"] == 10 and told["frames_per_second"] < 26
    assert set(told["milliseconds_per_frame"]) == {"decode", "segment", "draw", "show"}


def test_the_end_of_a_video_is_the_end(display, clip, tmp_path):
    ffmpeg("-i", clip, "-t", 0.4, tmp_path / "short.mp4")
    process = start(display, "short.mp4", cwd=tmp_path)
    told, _ = process.communicate(timeout=60)
    told = json.loads(told)
    assert process.returncode == 0 and told["frames"] + told["left_out"] == 10


def test_keys_and_what_is_seen(display, clip, tmp_path):
    process = start(display, clip, cwd=tmp_path)
    wait(process, lambda: screen(display).std() > 20)
    time.sleep(1)
    text = screen(display)[:40]
    assert ((text == 255).all(axis=2)).sum() > 200, "white letters"
    press(display, "s")
    wait(process, lambda: (tmp_path / "faceseg-live-1.png").exists())
    shot = np.array(Image.open(tmp_path / "faceseg-live-1.png"))
    assert shot.shape == (HEIGHT, WIDTH, 3)
    press(display, "space")  # overlay, then background: green
    wait(process, lambda: is_green(display))
    press(display, "space", "space")  # blur, alpha
    wait(process, lambda: np.ptp(screen(display)[100:].astype(int), axis=2).max() == 0)
    press(display, "t")
    wait(process, lambda: np.ptp(screen(display).astype(int), axis=2).max() == 0)
    press(display, "r", "m")
    told = end(process, display)
    assert told["frames"] > 5
    assert sorted(os.listdir(tmp_path)) == ["faceseg-live-1.png"]


def test_mirrored(display, clip, tmp_path):
    """A still: the right half dark, which m puts to the left."""
    ffmpeg("-f", "lavfi", "-i", f"color=white:size={WIDTH}x{HEIGHT}:rate=25:duration=12", "-vf",
           f"drawbox=x={WIDTH // 2}:w={WIDTH // 2}:color=black:t=fill", "-preset", "ultrafast", tmp_path / "half.mp4")
    process = start(display, "half.mp4", "--refine", "none", "--network", "small", cwd=tmp_path)

    def bright(columns):
        return screen(display)[300:, columns].mean() > 200

    left, right = slice(10, 200), slice(WIDTH - 200, WIDTH - 10)
    wait(process, lambda: bright(left) and not bright(right))
    press(display, "m")
    wait(process, lambda: bright(right) and not bright(left))
    end(process, display)


def test_what_is_missing(clip, tmp_path):
    done = faceseg("live", "/dev/video77", code=1)
    assert b"/dev/video77: no camera is there; plug one in" in done.stderr
    done = faceseg("live", "nope.mp4", code=1)
    assert b"nope.mp4: cannot be opened: No such file or directory" in done.stderr
    done = faceseg("live", "/dev/null", code=1)
    assert b"/dev/null: cannot be opened" in done.stderr
    unseen = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = faceseg("live", clip, code=1, env=unseen)
    assert b"window: no window can be opened" in done.stderr
