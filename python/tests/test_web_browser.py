"""The web page in a real browser: headless Chromium, a photo through its own file input, a camera from a file."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import faceseg

from conftest import PHOTO

pytest.importorskip("fastapi")
webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not CHROMIUM or not DRIVER:
    pytest.skip("Debian's chromium and chromium-driver are not there", allow_module_level=True)


@pytest.fixture(scope="module")
def address():
    """Of a server of its own, as users start it."""
    program = subprocess.Popen(
        [sys.executable, "-m", "faceseg.web", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield re.search(r"http://\S+:\d+", program.stdout.readline())[0]
    program.terminate()
    assert program.communicate(timeout=20)[1] == ""  # no traceback, no warning


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    """The photo as a film of two frames, 512 x 512, Y 4:2:0."""
    y, cb, cr = Image.open(PHOTO).convert("YCbCr").split()
    planes = [y.tobytes()] + [plane.resize((256, 256)).tobytes() for plane in (cb, cr)]
    path = tmp_path_factory.mktemp("camera") / "film.y4m"
    path.write_bytes(b"YUV4MPEG2 W512 H512 F30:1 Ip A1:1 C420jpeg\n" + 2 * (b"FRAME\n" + b"".join(planes)))
    return path


@pytest.fixture
def browser(address, camera, tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    arguments = ["--headless=new", "--window-size=1280,900", "--use-fake-device-for-media-stream",
                 "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]  # fmt: skip
    for argument in arguments + ["--no-sandbox"] * (os.getuid() == 0):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.get(address)
    yield driver
    try:
        said = [line["message"] for line in driver.get_log("browser")]
        assert said == getattr(driver, "expected", [])
        asked = requests(driver)
        assert len(asked) > 7 and all(re.match(rf"(http|ws){address[4:]}/|blob:|data:", url) for url in asked), asked
    finally:
        driver.quit()


def requests(driver):
    """Addresses that the page asked for, those of sockets too."""
    messages = [json.loads(line["message"])["message"] for line in driver.get_log("performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"] + [
        m["params"]["url"] for m in messages if m["method"] == "Network.webSocketCreated"
    ]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return value


def part(browser, id):
    return browser.find_element(By.ID, id)


def choose(browser, name):
    browser.find_element(By.CSS_SELECTOR, f"label[for={name}]").click()


def put(browser, path):
    part(browser, "file").send_keys(str(path))
    settled(browser)


def settled(browser):
    until(lambda: part(browser, "stage").get_attribute("aria-busy") == "false" and part(browser, "download").is_enabled())


def downloaded(browser, folder, name):
    part(browser, "download").click()
    path = folder / name
    until(path.exists)
    return Image.open(path)


def on_screen(browser, tmp_path, id):
    path = tmp_path / f"{id}.shot.png"
    part(browser, id).screenshot(str(path))
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_a_photo_becomes_the_librarys_mask(browser, tmp_path, photo):
    put(browser, PHOTO)
    assert "astronaut.png: face 3.7 %, hair 3.6 %" in part(browser, "status").text
    overlay = downloaded(browser, tmp_path, "astronaut.overlay.png")
    assert (np.asarray(overlay) == faceseg.segment(photo, output="overlay")).all()
    choose(browser, "view-alpha")
    for target in ("head", "face", "hair"):
        choose(browser, f"target-{target}")
        settled(browser)
        mask = downloaded(browser, tmp_path, f"astronaut.{target}.alpha.png")
        expected = faceseg.segment(photo, output="alpha", target=target, out=np.empty(photo.shape[:2], np.uint8))
        assert mask.mode == "L" and (np.asarray(mask) == expected).all(), target


@pytest.mark.parametrize("event", ["DragEvent('drop', {dataTransfer: files", "ClipboardEvent('paste', {clipboardData: files"])
def test_photos_are_dropped_and_pasted(browser, event):
    script = (
        "const bytes = Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0)), files = new DataTransfer();"
        "files.items.add(new File([bytes], 'given.png', {type: 'image/png'}));"
        f"document.getElementById('stage').dispatchEvent(new {event}, bubbles: true, cancelable: true}}))"
    )
    browser.execute_script(script, base64.b64encode(PHOTO.read_bytes()).decode())
    until(lambda: "given.png: face 3.7 %, hair 3.6 %" in part(browser, "status").text)


def test_the_overlay_is_seen(browser, tmp_path, photo):
    put(browser, PHOTO)
    seen = on_screen(browser, tmp_path, "result")
    expected = Image.fromarray(faceseg.segment(photo, output="overlay")).resize(seen.shape[1::-1])
    assert np.abs(seen - np.asarray(expected)).mean() < 6
    browser.execute_script("const r = document.querySelector('[name=compare]'); r.value = 100;"
                           "r.dispatchEvent(new Event('input', {bubbles: true}))")  # fmt: skip
    photo_seen = on_screen(browser, tmp_path, "result")
    expected = Image.fromarray(photo).resize(seen.shape[1::-1])
    assert np.abs(photo_seen - np.asarray(expected)).mean() < 6


def test_cutouts(browser, tmp_path, photo):
    put(browser, PHOTO)
    choose(browser, "view-cutout")
    settled(browser)
    cut = downloaded(browser, tmp_path, "astronaut.head.cutout.png")
    alpha = faceseg.segment(photo, output="alpha", out=np.empty(photo.shape[:2], np.uint8))
    assert cut.mode == "RGBA" and (np.asarray(cut)[..., 3] == alpha).all()
    (tmp_path / "astronaut.head.cutout.png").unlink()
    choose(browser, "background-color")
    browser.execute_script("const c = document.querySelector('[name=color]'); c.value = '#00ff40';"
                           "c.dispatchEvent(new Event('input', {bubbles: true}))")  # fmt: skip
    settled(browser)
    assert (np.abs(on_screen(browser, tmp_path, "result")[5, 5] - (0, 255, 64)) <= 2).all()
    green = downloaded(browser, tmp_path, "astronaut.head.cutout.png")
    assert green.mode == "RGB" and np.abs(np.array(green.getpixel((5, 5))) - (0, 255, 64)).max() <= 2


def test_hair_is_recolored(browser, tmp_path, photo):
    put(browser, PHOTO)
    choose(browser, "view-recolor")
    settled(browser)
    move = "const c = document.querySelector('[name=paint]'); c.value = '{}';" \
           "c.dispatchEvent(new Event('input', {{bubbles: true}}))"  # fmt: skip
    for color in ("#102030", "#404040", "#c01020"):
        browser.execute_script(move.format(color))
    hair = faceseg.segment(photo, output="alpha", target="hair", out=np.empty(photo.shape[:2], np.uint8))
    expected = faceseg.recolor(photo, hair, "#c01020")

    def is_seen():
        seen = on_screen(browser, tmp_path, "result")
        return np.abs(seen - np.asarray(Image.fromarray(expected).resize(seen.shape[1::-1]))).mean() < 5

    until(is_seen)  # as it is moved, before it stays
    browser.execute_script("document.querySelector('[name=paint]').dispatchEvent(new Event('change', {bubbles: true}))")
    settled(browser)
    red = downloaded(browser, tmp_path, "astronaut.hair.recolor.png")
    assert (np.asarray(red) == expected).all()


def test_wrong_files_are_told(browser, tmp_path):
    wrong = tmp_path / "words.jpg"
    wrong.write_bytes(b"no photo")
    browser.expected = []
    part(browser, "file").send_keys(str(wrong))
    until(lambda: "not a photo that can be read here" in part(browser, "error").text)
    assert part(browser, "empty").is_displayed() and not part(browser, "download").is_enabled()
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(33 * 2**20)
    part(browser, "file").send_keys(str(large))
    until(lambda: "32 MiB are the most here" in part(browser, "error").text)
    put(browser, PHOTO)
    assert not part(browser, "error").is_displayed() and part(browser, "result").is_displayed()
    said = [line["message"] for line in browser.get_log("browser")]  # Chromium tells each refusal
    assert len(said) == 1 and "415" in said[0]


def live(browser):
    """What the page shows of the camera, (512, 512, 4)."""
    script = (
        "const copy = new OffscreenCanvas(512, 512).getContext('2d', {willReadFrequently: true});"
        "copy.drawImage(document.getElementById('live'), 0, 0);"
        "return Array.from(copy.getImageData(0, 0, 512, 512).data)"
    )
    return np.array(browser.execute_script(script)).reshape(512, 512, 4)


def test_the_camera(browser, tmp_path, photo):
    part(browser, "use-camera").click()
    until(lambda: "frames a second" in part(browser, "rate").text)
    seen = live(browser)[..., :3]
    expected = faceseg.segment(photo, output="overlay").astype(int)
    marked = faceseg.segment(photo) > 0
    assert np.abs(seen - expected)[marked].mean() < 12 < np.abs(photo.astype(int) - expected)[marked].mean()
    choose(browser, "view-cutout")
    until(lambda: live(browser)[:60, :60, 3].max() < 64)  # alpha
    part(browser, "take").click()
    settled(browser)
    until(lambda: "camera.png: face" in part(browser, "status").text)
    assert part(browser, "use-camera").text == "Use camera" and not part(browser, "live").is_displayed()


def test_keys_reach_everything(browser):
    """Tab alone goes through all controls in their order; arrows choose a view."""
    put(browser, PHOTO)
    names = []
    for _ in range(8):
        webdriver.ActionChains(browser).send_keys(Keys.TAB).perform()
        element = browser.switch_to.active_element
        names.append(element.get_attribute("id") or element.get_attribute("name"))
        if names[-1] == "view-overlay":
            webdriver.ActionChains(browser).send_keys(Keys.ARROW_RIGHT).perform()
            settled(browser)
    assert names == ["file", "use-camera", "view-overlay", "target-head", "background-transparent", "refine", "compare",
                     "download"]  # fmt: skip
    unnamed = "return [...document.querySelectorAll('input, select, button')].filter(e =>" \
              " !(e.labels?.length || e.ariaLabel || e.textContent.trim())).length"  # fmt: skip
    assert browser.execute_script(unnamed) == 0


def test_a_phones_width(browser):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})  # fmt: skip
    put(browser, PHOTO)
    choose(browser, "view-cutout")
    settled(browser)
    wide = "return document.documentElement.scrollWidth"
    assert browser.execute_script(wide) == 360
    small = "return [...document.querySelectorAll('button, .button, .choices label')].filter(e => e.offsetHeight &&" \
            " e.offsetHeight < 38).map(e => e.textContent)"  # fmt: skip
    assert browser.execute_script(small) == []
