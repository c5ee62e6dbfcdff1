# `faceseg video` in FFmpeg's eyes: frames, times, sound, rotation, sizes, pixels.
import os
import signal
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

from conftest import PROGRAM, audio, faceseg, ffmpeg, frames, make, probe, summary, times


def test_frames_times_and_sound_are_the_clips(clip, tmp_path):
    out = tmp_path / "out.mp4"
    told = summary(clip, "-o", out)
    assert told["frames"] == 25 and told["audio_streams"] == 1 and told["codec"] == "h264"
    assert probe(out, "stream=codec_name,width,height,pix_fmt") == ["h264,320,240,yuv420p"]
    assert times(out) == times(clip) and len(times(out)) == 25
    assert audio(out) == audio(clip) and len(audio(out)) > 1000
    assert probe(out, "stream=codec_name,sample_rate", "a:0") == ["aac,44100"]
    for stream in ["v:0", "a:0"]:
        assert probe(out, "stream=duration", stream) == probe(clip, "stream=duration", stream)
    assert os.listdir(tmp_path) == ["out.mp4"]


@pytest.mark.parametrize("ending", ["mkv", "mov", "avi", "ts"])
def test_other_files(clip, tmp_path, ending):
    out = tmp_path / f"out.{ending}"
    summary(clip, "-o", out)
    shown = np.diff([float(row) for row in probe(out, "packet=dts_time")] if ending == "avi" else times(out))
    # AVI's first frame seems to last for two where there is sound, as in FFmpeg's own files.
    assert len(shown) == 24 and np.allclose(shown[ending == "avi":], 0.04, atol=0.0011)
    assert len(frames(out, 320, 240)) == 25
    assert len(audio(out)) > 1000


def test_variable_frame_rate(clip, tmp_path):
    """Frames 0, 1, 2, 5, 8, 9, 20, 21: the times between them stay."""
    source, out = tmp_path / "vfr.mkv", tmp_path / "out.mkv"
    kept = [0, 1, 2, 5, 8, 9, 20, 21]
    ffmpeg("-i", clip, "-an", "-vf", "select='" + "+".join(f"eq(n,{n})" for n in kept) + "'", "-fps_mode", "vfr",
           source)
    summary(source, "-o", out)
    assert times(out) == times(source) == [n * 0.04 for n in kept]
    summary(source, "-o", tmp_path / "out.mp4")
    assert np.allclose(times(tmp_path / "out.mp4"), times(source), atol=1e-4)


def test_a_late_beginning(clip, tmp_path):
    """MPEG-TS begins at 1.4 s: the result begins at 0, sound beside its pictures."""
    source, out = tmp_path / "clip.ts", tmp_path / "out.mp4"
    ffmpeg("-i", clip, "-c", "copy", source)
    summary(source, "-o", out)
    assert np.allclose(np.array(times(out)) - times(out)[0], times(clip), atol=1e-4)
    apart = [float(probe(file, "stream=start_time", "v:0")[0]) - float(probe(file, "stream=start_time", "a:0")[0])
             for file in (source, out)]
    assert abs(apart[0] - apart[1]) < 0.03 and abs(times(out)[0]) < 0.1


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_rotation(clip, tmp_path, angle):
    """FFmpeg turns what it decodes; the result is so without being told."""
    source, out = tmp_path / "turned.mov", tmp_path / "out.mp4"
    ffmpeg("-i", clip, "-c", "copy", "-metadata:s:v", f"rotate={angle}", source)
    summary(source, "-o", out)
    width, height = (320, 240) if angle == 180 else (240, 320)
    assert probe(out, "stream=width,height") == [f"{width},{height}"]
    upright, result = frames(source, width, height), frames(out, width, height)
    unlike = np.abs(upright.astype(int) - result)[:, -40:]  # no head there, nothing drawn
    assert unlike.mean() < 3
    assert "rotation" not in str(probe(out, "stream_side_data=rotation"))


@pytest.mark.parametrize("refine", ["guided", "none"])
def test_alpha_is_that_of_the_frames(clip, tmp_path, refine):
    """Each frame as a PNG through `faceseg segment`, but for what H.264 loses."""
    for name in ("frames", "masks"):
        (tmp_path / name).mkdir()
    ffmpeg("-i", clip, tmp_path / "frames" / "%03d.png")
    faceseg("segment", tmp_path / "frames", "-o", tmp_path / "masks", "--output", "alpha", "--refine", refine)
    summary(clip, "-o", tmp_path / "alpha.mp4", "--output", "alpha", "--no-steady", "--refine", refine)
    shown = frames(tmp_path / "alpha.mp4", 320, 240).astype(int)
    assert len(shown) == 25 and np.abs(shown - shown[..., :1]).max() <= 2, "grey"
    for index, mask in enumerate(sorted((tmp_path / "masks").iterdir())):
        wanted = np.array(Image.open(mask)).astype(int)
        assert wanted.max() > 250
        assert np.abs(shown[index, ..., 1] - wanted).mean() < 1.5
        assert np.abs(shown[index, ..., 1] - wanted).max() < 90


def test_steady_begins_as_single_frames_do(clip, tmp_path):
    """And flickers less: docs/video.md."""
    kinds = {"steady": [], "single": ["--no-steady"]}
    for name, options in kinds.items():
        summary(clip, "-o", tmp_path / f"{name}.y4m", "--output", "alpha", *options)
    steady, single = (frames(tmp_path / f"{name}.y4m", 320, 240) for name in kinds)
    assert (steady[0] == single[0]).all() and (steady[5] != single[5]).any()


def test_backgrounds(clip, tmp_path):
    Image.new("RGB", (50, 90), (20, 60, 200)).save(tmp_path / "blue.png")
    wanted = {"#00b140": (0, 177, 64), str(tmp_path / "blue.png"): (20, 60, 200)}
    for background, color in wanted.items():
        out = tmp_path / "out.mp4"
        assert summary(clip, "-o", out, "--background", background)["output"] == "background"
        corner = frames(out, 320, 240)[0, 60:100, :20].reshape(-1, 3).mean(axis=0)
        assert np.abs(corner - color).max() < 12
    source = frames(clip, 320, 240)
    summary(clip, "-o", out, "--background", "blur")
    blurred = frames(out, 320, 240)
    # Nothing sharp is left below the head, whose own pixels stay.
    sharpness = [np.abs(np.diff(pixels[0, 180:, :].astype(int), axis=1)).mean() for pixels in (source, blurred)]
    assert sharpness[1] < sharpness[0] / 3
    mask = tmp_path / "mask.png"
    Image.fromarray(source[0]).save(tmp_path / "first.png")
    faceseg("segment", tmp_path / "first.png", "-o", mask, "--output", "alpha")
    head = np.array(Image.open(mask)) > 250
    assert np.abs(source[0].astype(int) - blurred[0])[head].mean() < 4


def test_overlay_is_segments(clip, tmp_path):
    Image.fromarray(frames(clip, 320, 240)[0]).save(tmp_path / "first.png")
    faceseg("segment", tmp_path / "first.png", "-o", tmp_path / "overlay.png", "--output", "overlay")
    summary(clip, "-o", tmp_path / "out.mp4")
    first = frames(tmp_path / "out.mp4", 320, 240)[0].astype(int)
    assert np.abs(first - np.array(Image.open(tmp_path / "overlay.png"))).mean() < 4


def test_recoloured_hair_is_segments(clip, tmp_path):
    Image.fromarray(frames(clip, 320, 240)[0]).save(tmp_path / "first.png")
    faceseg("segment", tmp_path / "first.png", "-o", tmp_path / "violet.png", "--recolor", "hair=#8a2be2")
    assert summary(clip, "-o", tmp_path / "out.mp4", "--recolor", "hair=#8a2be2")["output"] == "recolor"
    source, result = frames(clip, 320, 240)[0].astype(int), frames(tmp_path / "out.mp4", 320, 240)[0]
    wanted = np.array(Image.open(tmp_path / "violet.png")).astype(int)
    changed = np.abs(wanted - source).max(axis=2) > 20
    assert changed.mean() > 0.01
    assert np.abs(result - wanted)[changed].mean() < 12 < np.abs(source - wanted)[changed].mean()


def test_odd_sides(tmp_path):
    source = make(tmp_path / "odd.y4m", width=161, height=121, seconds=0.2, sound=False)
    done = faceseg("video", source, "-o", tmp_path / "out.mp4")
    assert "160 x 120" in done.stderr.decode()
    assert probe(tmp_path / "out.mp4", "stream=width,height,pix_fmt") == ["160,120,yuv420p"]
    summary(source, "-o", tmp_path / "out.y4m")
    assert probe(tmp_path / "out.y4m", "stream=width,height") == ["161,121"]


def test_a_size_that_changes(tmp_path):
    """All frames come in the first one's size, as from FFmpeg."""
    parts = [make(tmp_path / f"{width}.h264", "-c:v", "libx264", width=width, height=height, seconds=0.4, sound=False)
             for width, height in [(320, 240), (160, 120)]]
    source = tmp_path / "both.h264"
    source.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert summary(source, "-o", tmp_path / "out.mp4")["frames"] == 20
    shown = frames(tmp_path / "out.mp4", 320, 240)
    assert len(shown) == 20
    assert shown[15].std() > 20, "a picture, enlarged"


def test_pipes(clip, tmp_path):
    y4m = ffmpeg("-i", clip, "-f", "yuv4mpegpipe", "-")
    done = faceseg("video", "-", "-o", "-", "--json", input=y4m)
    assert done.stdout.startswith(b"YUV4MPEG2 W320 H240 F25:1")
    assert b'"frames":25' in done.stderr
    (tmp_path / "piped.y4m").write_bytes(done.stdout)
    faceseg("video", clip, "-o", tmp_path / "out.y4m")
    piped, other = (frames(tmp_path / f"{name}.y4m", 320, 240).astype(int) for name in ("piped", "out"))
    assert np.abs(piped - other).max() < 3


def test_sound_that_does_not_fit(clip, tmp_path):
    done = faceseg("video", clip, "-o", tmp_path / "out.webm", code=1)
    assert b"aac; take .mkv, or --no-audio" in done.stderr
    summary(clip, "-o", tmp_path / "out.webm", "--no-audio")
    assert probe(tmp_path / "out.webm", "stream=codec_name") == ["vp9"]
    assert not probe(tmp_path / "out.webm", "stream=codec_name", "a")


def test_damage(clip, tmp_path):
    """What could be read is written, and what is wrong is said."""
    fast, cut = tmp_path / "fast.mp4", tmp_path / "cut.mp4"
    ffmpeg("-i", clip, "-c", "copy", "-movflags", "faststart", fast)
    cut.write_bytes(fast.read_bytes()[: len(fast.read_bytes()) * 2 // 3])
    done = faceseg("video", cut, "-o", tmp_path / "out.mp4", code=1)
    assert b"cut.mp4: is cut off" in done.stderr
    assert 5 < len(times(tmp_path / "out.mp4")) < 25
    headless = tmp_path / "headless.mp4"
    headless.write_bytes(clip.read_bytes()[: len(clip.read_bytes()) // 2])
    done = faceseg("video", headless, "-o", tmp_path / "none.mp4", code=1)
    assert b"headless.mp4: cannot be opened" in done.stderr and b"moov" in done.stderr
    assert not list(tmp_path.glob("none*"))


def test_a_full_disk(clip, tmp_path):
    """A limit on the size of files does to a writer what a full disk does."""
    (tmp_path / "out.mp4").write_text("as before")
    done = subprocess.run(f"ulimit -f 30; exec {PROGRAM} video {clip} -o out.mp4", shell=True, cwd=tmp_path,
                          stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == b"faceseg: out.mp4: cannot be written: File too large\n"
    assert os.listdir(tmp_path) == ["out.mp4"] and (tmp_path / "out.mp4").read_text() == "as before"


def test_ctrl_c_ends_the_video(tmp_path):
    source = make(tmp_path / "long.mp4", "-c:v", "libx264", "-c:a", "aac", width=640, height=480, seconds=20)
    out = tmp_path / "out.mp4"
    # A shell's job in the background is born deaf to Ctrl-C.
    process = subprocess.Popen([PROGRAM, "video", str(source), "-o", str(out), "--json"], stdout=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while not list(tmp_path.glob("out.mp4.tmp-*")):
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate()
    assert process.returncode == 0 and b'"stopped":true' in told
    assert 2 < len(times(out)) < 500 and sorted(os.listdir(tmp_path)) == ["long.mp4", "out.mp4"]
    lasts = [float(probe(out, "stream=duration", stream)[0]) for stream in ("v:0", "a:0")]
    assert abs(lasts[0] - lasts[1]) < 0.7


def test_colours_are_kept(tmp_path):
    source = make(tmp_path / "hd.mp4", "-c:v", "libx264", "-colorspace", "bt709", "-color_primaries", "bt709",
                  "-color_trc", "bt709", seconds=0.2, sound=False, filters="scale=out_color_matrix=bt709")
    out = tmp_path / "out.mp4"
    summary(source, "-o", out)
    entries = "stream=color_space,color_transfer,color_primaries"
    assert probe(out, entries) == probe(source, entries) == ["bt709,bt709,bt709"]
    unlike = frames(source, 320, 240).astype(int) - frames(out, 320, 240)
    assert np.abs(unlike[:, -60:]).mean() < 3
