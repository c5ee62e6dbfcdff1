# What the tests of videos share: the program, clips that FFmpeg makes of the example photo, and FFmpeg's own view of
# what comes out. They need the programs ffmpeg and ffprobe, and Xvfb for the window: `make test-video`.
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("FACESEG_PROGRAM", str(REPOSITORY / "build/faceseg"))
PHOTO = REPOSITORY / "examples/photos/astronaut.png"
PAN = "zoompan=z='1+0.02*on':d=1:s={width}x{height}:fps=25:x='iw/4*on/25':y=0"


def ffmpeg(*arguments, **options):
    return subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE, **options).stdout


def probe(path, entries, stream="v:0"):
    """Rows of text, as ffprobe prints them."""
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0"]
    output = subprocess.run([*command, str(path)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [row.strip(",") for row in output.splitlines() if row.strip(",")]


def frames(path, width, height, channels=3):
    """`[frame, height, width, channels]`, each stored frame once, as FFmpeg decodes it."""
    pixels = ffmpeg("-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt",
                    "rgb24" if channels == 3 else "gray", "-")
    return np.frombuffer(pixels, np.uint8).reshape(-1, height, width, channels)


def audio(path):
    """The bytes of the first audio stream's packets."""
    return ffmpeg("-i", path, "-map", "0:a:0", "-c", "copy", "-f", "data", "-")


def times(path):
    return [float(row.split(",")[0]) for row in probe(path, "frame=pts_time")]


def faceseg(*arguments, code=0, **options):
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    assert done.returncode == code, done.stderr.decode()
    return done


def summary(*arguments, **options):
    return json.loads(faceseg("video", *arguments, "--json", **options).stdout)


def make(path, *output, width=320, height=240, seconds=1, sound=True, filters=""):
    """A pan over the photo at 25 frames a second with a tone."""
    tone = ["-f", "lavfi", "-i", "sine=440:sample_rate=44100"] if sound else []
    pan = PAN.format(width=width, height=height) + ("," + filters if filters else "")
    ffmpeg("-loop", 1, "-framerate", 25, "-i", PHOTO, *tone, "-t", seconds, "-vf", pan, "-pix_fmt", "yuv420p",
           *output, path)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """25 frames of 320 x 240 with B-frames, and AAC."""
    return make(tmp_path_factory.mktemp("clip") / "clip.mp4", "-c:v", "libx264", "-bf", 2, "-c:a", "aac")
