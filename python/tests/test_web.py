"""The web page's server, by FastAPI's test client: pictures equal the library's, limits hold, sessions end."""

import importlib.util
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

import faceseg

pytest.importorskip("fastapi")
if not any(importlib.util.find_spec(name) for name in ("httpx2", "httpx")):
    pytest.skip("the test client needs httpx", allow_module_level=True)
from fastapi.testclient import TestClient  # noqa: E402
from starlette.websockets import WebSocketDisconnect  # noqa: E402

from faceseg.web.app import Settings, make_app  # noqa: E402

from conftest import PHOTO, REPOSITORY  # noqa: E402


@pytest.fixture(scope="module")
def client():
    with TestClient(make_app(Settings(max_bytes=2_000_000, max_pixels=600_000))) as client:
        yield client


def file_of(pixels, format="PNG", **more):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **more)
    return file.getvalue()


def segmented(client, file, **wanted):
    answer = client.post("/api/segment", params=wanted, content=file)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png" and answer.headers["cache-control"] == "no-store"
    return Image.open(io.BytesIO(answer.content))


def refused(client, file, status, words, **wanted):
    answer = client.post("/api/segment", params=wanted, content=file)
    assert answer.status_code == status and words in answer.json()["detail"], (answer.status_code, answer.text)


@pytest.mark.parametrize("target", ["face", "hair", "head"])
def test_masks_are_the_librarys(client, photo, target):
    expected = faceseg.segment(photo, output="alpha", target=target, out=np.empty(photo.shape[:2], np.uint8))
    picture = segmented(client, PHOTO.read_bytes(), output="alpha", target=target)
    assert picture.mode == "L" and (np.asarray(picture) == expected).all()
    matted = segmented(client, PHOTO.read_bytes(), output="alpha", target=target, refine="matting")
    out = np.empty(photo.shape[:2], np.uint8)
    assert (np.asarray(matted) == faceseg.segment(photo, output="alpha", target=target, out=out, refine="matting")).all()


def test_overlay_and_labels_are_the_librarys(client, photo):
    assert (np.asarray(segmented(client, PHOTO.read_bytes())) == faceseg.segment(photo, output="overlay")).all()
    labels = segmented(client, PHOTO.read_bytes(), output="labels")
    assert labels.mode == "P" and (np.asarray(labels) == faceseg.segment(photo)).all()
    answer = client.post("/api/segment", content=PHOTO.read_bytes())
    shares = [float(share) for share in answer.headers["faceseg-shares"].split()]
    assert np.allclose(shares, np.bincount(faceseg.segment(photo).ravel()) / photo[..., 0].size, atol=1e-4)


def test_cutouts(client, photo):
    alpha = faceseg.segment(photo, output="alpha", out=np.empty(photo.shape[:2], np.uint8))
    cut = np.asarray(segmented(client, PHOTO.read_bytes(), output="cutout"))
    assert cut.shape[2] == 4 and (cut[..., 3] == alpha).all()
    assert (cut[alpha > 0, :3] == faceseg.foreground(photo, alpha)[alpha > 0]).all()
    blue = np.asarray(segmented(client, PHOTO.read_bytes(), output="cutout", background="#2040ff"))
    assert (blue[alpha == 0] == (0x20, 0x40, 0xFF)).all()
    mixed = cut[..., :3] * (alpha / 255)[..., None] + np.array([0x20, 0x40, 0xFF]) * (1 - alpha / 255)[..., None]
    assert np.abs(blue - mixed).max() <= 1
    soft = np.asarray(segmented(client, PHOTO.read_bytes(), output="cutout", background="blurred"))
    assert (soft[alpha == 255] == photo[alpha == 255]).all()
    steps = [np.abs(np.diff(picture[:, :120].astype(int), axis=0)).mean() for picture in (soft, photo)]
    assert steps[0] < 0.3 * steps[1]


def test_nothing_of_the_foreground_runs_into_a_blurred_background():
    from faceseg.web._blur import blurred

    pixels = np.full((90, 120, 3), (10, 20, 200), np.uint8)
    alpha = np.zeros((90, 120), np.uint8)
    pixels[20:70, 40:80], alpha[20:70, 40:80] = (250, 0, 0), 255
    behind = np.asarray(blurred(pixels, alpha)).astype(int)
    assert np.abs(behind - (10, 20, 200))[alpha == 0].max() <= 1
    pixels[:, :60], pixels[:, 60:], alpha[:] = (200, 200, 20), (10, 20, 200), 0
    row = np.asarray(blurred(pixels, alpha))[45, :, 2].astype(int)
    assert (np.diff(row) >= 0).all() and 20 < row[60] < 200  # a step becomes a slope


def test_recolored_pictures_are_the_librarys(client, photo):
    hair = faceseg.segment(photo, output="alpha", target="hair", out=np.empty(photo.shape[:2], np.uint8))
    red = segmented(client, PHOTO.read_bytes(), output="recolor", target="hair", color="#c01020", strength=0.5)
    assert (np.asarray(red) == faceseg.recolor(photo, hair, "#c01020", strength=0.5)).all()
    refused(client, PHOTO.read_bytes(), 422, "color", output="recolor", color="red")
    refused(client, PHOTO.read_bytes(), 422, "strength", output="recolor", strength=1.5)


def test_longest_side(client, photo):
    assert segmented(client, PHOTO.read_bytes(), longest=200).size == (200, 200)
    assert segmented(client, PHOTO.read_bytes(), longest=2000).size == (512, 512)
    small = np.asarray(segmented(client, PHOTO.read_bytes(), output="labels", longest=100))
    assert set(np.unique(small)) <= {0, 1, 2} and small.shape == (100, 100)


def test_photos_stand_upright_and_lose_what_they_tell(client, photo):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"  # to be turned by 90 degrees clockwise
    profile = b"\0" * 36 + b"acsp" + b"\0" * 88
    lying = file_of(np.ascontiguousarray(np.rot90(photo[:300])), exif=exif, icc_profile=profile)
    overlay = segmented(client, lying)
    assert (np.asarray(overlay) == faceseg.segment(photo[:300], output="overlay")).all()
    assert overlay.info["icc_profile"] == profile and not overlay.getexif()
    assert "icc_profile" not in segmented(client, lying, output="alpha").info


@pytest.mark.parametrize("mode, format", [("L", "PNG"), ("RGBA", "WEBP"), ("P", "GIF"), ("CMYK", "JPEG"), ("1", "BMP")])
def test_other_modes(client, photo, mode, format):
    file = io.BytesIO()
    Image.fromarray(photo[:200]).convert(mode).save(file, format)
    expected = faceseg.segment(Image.open(file).convert("RGB"))
    assert (np.asarray(segmented(client, file.getvalue(), output="labels")) == expected).all()


def test_sixteen_bits(client, photo):
    grey = np.asarray(Image.fromarray(photo).convert("L"))
    deep = segmented(client, file_of(grey.astype(np.uint16) * 257), output="labels")
    assert (np.asarray(deep) == np.asarray(segmented(client, file_of(grey), output="labels"))).all()


def png_of_size(width, height):
    """A PNG whose header says so, and whose pixels are not there."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_wrong_files(client, monkeypatch):
    whole = PHOTO.read_bytes()
    refused(client, b"", 400, "empty")
    refused(client, b"no photo at all", 415, "not a photo")
    refused(client, b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not a photo")
    refused(client, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", 415, "not a photo")
    refused(client, whole[: len(whole) // 2], 422, "damaged")
    file = io.BytesIO()
    Image.fromarray(np.zeros((9, 9), np.int32)).save(file, "TIFF")
    refused(client, file.getvalue(), 415, "16 bits")
    refused(client, whole, 422, "output", output="nose")
    refused(client, whole, 422, "background", background="red")
    refused(client, whole, 422, "colour", colour="red")


def test_bombs_are_not_decoded(client, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    refused(client, png_of_size(1001, 600), 413, "1001 x 600")
    refused(client, png_of_size(60000, 2), 413, "16384")
    refused(client, png_of_size(100_000, 100_000), 413, "0.6 million")


def test_uploads_stop_at_the_limit(client):
    refused(client, b"x" * 2_000_001, 413, "1.90735 MiB")
    sent = []

    def endless():
        while len(sent) < 1000:
            sent.append(1)
            yield b"x" * 100_000

    refused(client, endless(), 413, "too large")  # in chunks: without a Content-Length


def test_the_page(client):
    page = client.get("/")
    assert page.status_code == 200 and "<title>FaceSeg</title>" in page.text
    for name in ("style.css", "main.js", "controls.js", "pictures.js", "live.js", "server.js", "icon.svg"):
        answer = client.get("/" + name)
        assert answer.status_code == 200 and "://" not in answer.text.replace("http://www.w3.org/2000/svg", ""), name
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';") and "unsafe" not in policy
    for name in ("docs", "redoc", "../_app.py", "%2e%2e/_app.py", "nothing"):
        assert client.get("/" + name).status_code == 404, name
    described = client.get("/openapi.json").json()["paths"]
    assert set(described) == {"/api/segment", "/api/about"}
    assert client.get("/api/about").json()["max_bytes"] == 2_000_000


def test_other_sites_may_not_ask(client):
    others = {"origin": "http://elsewhere.example"}
    assert client.post("/api/segment", content=PHOTO.read_bytes(), headers=others).status_code == 403
    own = {"origin": "http://testserver"}
    assert client.post("/api/segment", content=PHOTO.read_bytes(), headers=own).status_code == 200
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/live", headers=others):
        pass


def test_two_at_once(client, photo, monkeypatch):
    """Both are within a run at the same time, each with its own session, and get their own photo's mask."""
    both, sessions, run = threading.Barrier(2, timeout=30), set(), faceseg.Session.run

    def met(session, *arguments, **named):
        sessions.add(id(session))
        both.wait()
        run(session, *arguments, **named)
        both.wait()

    monkeypatch.setattr(faceseg.Session, "run", met)
    photos = [photo, np.ascontiguousarray(photo[:, ::-1])]
    with ThreadPoolExecutor(2) as pool:
        masks = list(pool.map(lambda one: np.asarray(segmented(client, file_of(one), output="labels")), photos))
    monkeypatch.undo()
    assert len(sessions) == 2
    for one, mask in zip(photos, masks):
        assert (mask == faceseg.segment(one)).all()


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def layer(socket, frame):
    socket.send_bytes(frame)
    return Image.open(io.BytesIO(socket.receive_bytes()))


def test_live(client, photo):
    cameras = client.app.state.server.cameras
    with faceseg.Session(steady=True, precision="fast") as session:
        with client.websocket_connect("/api/live") as one, client.websocket_connect("/api/live") as other:
            until(lambda: len(cameras.sessions) == 2)
            opened = list(cameras.sessions)
            chance = np.random.default_rng(0)
            for _ in range(3):  # each has a video of its own
                noisy = np.clip(photo + chance.normal(0, 5, photo.shape), 0, 255).astype(np.uint8)
                over = layer(one, file_of(noisy))
                labels = session.segment(noisy)
                assert (np.asarray(over) == labels).all()
                other.send_json({"layer": "alpha", "target": "hair"})
                mask = layer(other, file_of(noisy))
                assert mask.mode == "LA"
                assert (np.asarray(mask)[..., 1] == session.alpha("hair", np.empty(labels.shape, np.uint8))).all()
            laid = Image.alpha_composite(Image.fromarray(noisy).convert("RGBA"), over.convert("RGBA")).convert("RGB")
            assert np.abs(np.asarray(laid).astype(int) - session.overlay()).max() <= 1
            other.send_json({"layer": "recolor", "target": "hair", "color": "20c040"})
            green, hair = layer(other, file_of(noisy)), session.segment(noisy, output="alpha", target="hair")
            assert np.abs(np.asarray(green) - faceseg.recolor(noisy, hair, "#20c040").astype(int)).mean() < 6
            one.send_bytes(b"no frame")
            assert "not a photo" in one.receive_json()["error"]
            one.send_text('{"layer": "nose"}')
            assert "no settings" in one.receive_json()["error"]
            assert layer(one, file_of(photo)).size == (512, 512)
        until(lambda: not cameras.sessions)
        assert all(session.closed for session in opened)


def test_too_many_cameras():
    with TestClient(make_app(Settings(max_live=1))) as client, client.websocket_connect("/api/live"):
        with client.websocket_connect("/api/live") as second, pytest.raises(WebSocketDisconnect) as left:
            second.receive_bytes()
        assert left.value.code == 1013 and "try again later" in left.value.reason
    assert not client.app.state.server.cameras.sessions


def started(*options):
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "faceseg.web", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        program = started("--port", port)
        out, error = program.communicate(timeout=60)
    assert program.returncode == 1 and out == ""
    assert f"port {port} of 127.0.0.1 is in use" in error and "Traceback" not in error


def test_wrong_options():
    program = started("--port", "70000")
    assert "70000 is not a number from 0 to 65535" in program.communicate(timeout=60)[1] and program.returncode == 2


@pytest.fixture(scope="module")
def served():
    """An address and the application behind it, over real connections."""
    uvicorn = pytest.importorskip("uvicorn")
    app = make_app(Settings(threads=1, max_pixels=100_000_000))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname(), app
    finally:
        server.should_exit = True
        thread.join(20)


def test_ends_quietly():
    """Ctrl-C while a client uploads, one has left, and a photo is worked on: exit code 0 and no word of it."""
    program = started("--port", "0", "--threads", "1")
    address = ("127.0.0.1", int(re.search(r":(\d+);", program.stdout.readline())[1]))
    head = "POST /api/segment HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(head.format(1000).encode() + b"a part")
        time.sleep(0.1)
    file = file_of(np.zeros((5000, 5000, 3), np.uint8))
    with socket.create_connection(address) as connection:
        connection.sendall(head.format(len(file)).encode() + file)
        time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        assert program.communicate(timeout=30) == ("", "") and program.returncode == 0
        assert connection.recv(20).startswith(b"HTTP/1.1 503")


def test_the_guide(served, tmp_path, monkeypatch, photo):
    """docs/web.md: its lines of curl and of Python do what they say."""
    pytest.importorskip("websockets")
    guide = (REPOSITORY / "docs/web.md").read_text("utf-8").replace("127.0.0.1:8000", "{}:{}".format(*served[0]))
    monkeypatch.chdir(tmp_path)
    Image.fromarray(photo).save("photo.jpg")
    read = np.asarray(Image.open("photo.jpg"))
    hair = faceseg.segment(read, output="alpha", target="hair", out=np.empty(photo.shape[:2], np.uint8))
    if shutil.which("curl"):
        subprocess.run(re.search(r"```sh\n(curl.*?)```", guide, re.S)[1], shell=True, check=True)
        assert (np.asarray(Image.open("mask.png")) == hair).all()
        assert np.abs(np.subtract(Image.open("blue.png").getpixel((5, 5)), (0x20, 0x40, 0xFF))).max() <= 2
        assert (np.asarray(Image.open("violet.png")) == faceseg.recolor(read, hair, "#8a2be2")).all()
    exec(re.search(r"```python\n(.*?)```", guide, re.S)[1], {})
    assert np.asarray(Image.open("hair.png"))[..., 1].astype(int).sum() == pytest.approx(hair.sum(), rel=0.05)


def test_what_is_missing_is_named():
    code = "import runpy, sys; sys.modules['fastapi'] = None; runpy.run_module('faceseg.web', run_name='__main__')"
    program = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert program.returncode == 1 and program.stderr.count("\n") == 1
    assert "fastapi is missing: pip install 'faceseg[web]'" in program.stderr


def test_a_client_that_leaves_cancels_its_run(served, monkeypatch):
    """A photo that takes long, and a client that goes."""
    address, app = served
    ended, work = [], app.state.server._work

    def watched(*arguments):
        try:
            return work(*arguments)
        except Exception as error:
            ended.append(error)
            raise

    monkeypatch.setattr(app.state.server, "_work", watched)
    file = file_of(np.zeros((5000, 5000, 3), np.uint8))
    with socket.create_connection(address) as connection:
        head = f"POST /api/segment HTTP/1.1\r\nHost: here\r\nContent-Length: {len(file)}\r\n\r\n"
        connection.sendall(head.encode() + file)
        time.sleep(0.3)
    until(lambda: ended)
    assert getattr(ended[0], "status", None) == 499
