# Many photos at once: the results of one by one, in order, with so many in work, errors in their place, and an end.
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

import faceseg


@pytest.fixture(scope="module")
def photos(photo):
    """Twelve of different sizes and kinds."""
    whole = [photo[i : i + 90 + 7 * i, 120 + i : 290] for i in range(0, 20, 2)]
    return whole + [photo[:200, :200, 1], Image.fromarray(photo[:150])]


@pytest.fixture
def folder(photo, tmp_path):
    """Five photos, a broken one and a text."""
    for i in range(5):
        Image.fromarray(photo[: 100 + i, 150:300]).save(tmp_path / f"{i}.png")
    whole = (tmp_path / "0.png").read_bytes()
    (tmp_path / "broken.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("no picture")
    return tmp_path


@pytest.mark.parametrize("workers, threads", [(0, 0), (1, 1), (3, 1), (3, 7), (12, 2)])
def test_same_as_one_by_one_and_in_order(photos, workers, threads):
    results = list(faceseg.map(photos, workers=workers, threads=threads))
    assert [result.shape for result in results] == [np.asarray(photo).shape[:2] for photo in photos]
    for photo, result in zip(photos, results):
        assert np.array_equal(result, faceseg.segment(photo))


def test_order_is_not_that_of_the_ends(photos):
    late = [0.05, 0, 0.03, 0, 0.01, 0, 0, 0]

    def slept(session, number):
        time.sleep(late[number])
        return number

    assert list(faceseg.map(range(8), slept, workers=4)) == list(range(8))


def test_outputs_channels_and_models(photos, photo):
    model = faceseg.Model(network="small")
    for options in ({"output": "alpha", "target": "hair"}, {"output": "overlay"}, {"output": "probabilities"}):
        (result,) = faceseg.map([photo], model=model, refine="none", **options)
        assert np.array_equal(result, faceseg.segment(photo, model=model, refine="none", **options))
    blue_first = photo[..., ::-1].copy()
    given = faceseg.map([blue_first, Image.fromarray(photo)], channels="bgr")
    assert all(np.array_equal(labels, faceseg.segment(photo)) for labels in given)


def test_files(folder):
    paths = [folder / f"{i}.png" for i in range(5)]
    for given in (paths, map(str, paths)):
        for path, labels in zip(paths, faceseg.map(given)):
            assert np.array_equal(labels, faceseg.segment(np.asarray(Image.open(path))))


def test_files_are_turned_upright(photo, tmp_path):
    lying, exif = Image.fromarray(np.rot90(photo[:200, 100:400]).copy()), Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    lying.save(tmp_path / "lying.png", exif=exif)
    (labels,) = faceseg.map([tmp_path / "lying.png"])
    assert np.array_equal(labels, faceseg.segment(photo[:200, 100:400]))


def test_sessions_share_the_model_and_the_processors(photos):
    seen, lock = set(), threading.Lock()

    def used(session, photo):
        with lock:
            seen.add((threading.get_ident(), id(session), id(session.model)))
        time.sleep(0.01)

    list(faceseg.map(photos, used, workers=3))
    assert len({thread for thread, _, _ in seen}) == 3 and len({model for _, _, model in seen}) == 1


@pytest.mark.parametrize("workers, threads, each", [(2, 8, 4), (3, 8, 2), (4, 2, 1)])
def test_threads_are_shared_out(monkeypatch, workers, threads, each):
    opened, init = [], faceseg.Session.__init__

    def spy(self, *given, **options):
        opened.append(options["threads"])
        init(self, *given, **options)

    monkeypatch.setattr(faceseg.Session, "__init__", spy)
    faceseg.map([], workers=workers, threads=threads)
    assert opened == [each] * workers


def test_a_bounded_number_is_taken(photos):
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield taken[-1]

    results = faceseg.map(endless(), lambda session, number: number, workers=2, ahead=5)
    assert taken == []
    for number in range(20):
        assert next(results) == number
        assert len(taken) <= number + 5
    before = threading.active_count()
    results.close()
    assert threading.active_count() == before - 2


def test_photos_are_let_go(photo):
    def photos():
        for _ in range(30):
            yield photo.copy()

    def alive(session, image):
        kept.append(weakref.ref(image))
        session.run(image)

    kept = []
    for _ in faceseg.map(photos(), alive, workers=2, ahead=3):
        assert sum(one() is not None for one in kept) <= 4
    assert all(one() is None for one in kept)


class TestErrors:
    def test_returned(self, folder, photo):
        given = [folder / "0.png", folder / "broken.png", folder / "text.png", folder / "none.png", photo / 2, photo]
        results = list(faceseg.map(given, on_error="return"))
        kinds = [np.ndarray, OSError, UnidentifiedImageError, FileNotFoundError, TypeError, np.ndarray]
        assert [type(result) for result in results] == kinds
        assert "none.png" in str(results[3]) and results[3].__traceback__ is None
        assert np.array_equal(results[5], faceseg.segment(photo))

    def test_raised_in_its_turn(self, folder):
        results = faceseg.map([folder / "0.png", folder / "1.png", folder / "text.png", folder / "2.png"])
        assert [len(next(results)), len(next(results))] == [100, 101]
        with pytest.raises(OSError, match="text.png") as caught:
            next(results)
        assert sys.version_info < (3, 11) or "photo 2, " in caught.value.__notes__[0]
        assert next(results, "ended") == "ended"

    def test_of_the_iterable_comes_last(self, photo):
        def photos():
            yield photo[:50]
            yield photo[:60]
            raise LookupError("no more")

        results = faceseg.map(photos(), on_error="return")
        assert [len(next(results)), len(next(results))] == [50, 60]
        with pytest.raises(LookupError, match="no more"):
            next(results)

    def test_arguments_are_looked_at_at_once(self):
        for wrong in ({"on_error": "skip"}, {"output": "mask"}, {"target": "nose"}, {"workers": -1}, {"threads": 2000}):
            with pytest.raises(ValueError):
                faceseg.map([], **wrong)
        with pytest.raises(TypeError, match="open a file first"):
            faceseg.map([], model="their.caffemodel")

    def test_without_pillow(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "PIL", None)
        with pytest.raises(ImportError, match="pip install pillow"):
            list(faceseg.map(["photo.png"], on_error="return"))


def test_early_end_cancels_runs(photo):
    """A long run is under way in each worker when the iterator is closed."""
    large, begun = np.tile(photo, (8, 8, 1)), threading.Event()

    def long(session, number):
        if number == 0:
            return 0
        begun.set()
        with pytest.raises(faceseg.FaceSegError) as caught:
            for _ in range(1000):
                session.run(large)
        cancelled.append(caught.value.status)

    cancelled = []
    results = faceseg.map(range(3), long, workers=2)
    assert next(results) == 0
    begun.wait()
    results.close()
    assert cancelled and set(cancelled) == {faceseg.Status.CANCELLED}


def test_control_c():
    code = (
        "import faceseg, numpy, itertools, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job's children ignore it
        "photo = numpy.zeros((3000, 3000, 3), numpy.uint8)\n"
        "print('begun', flush=True)\n"
        "for labels in faceseg.map(itertools.repeat(photo)): pass"
    )
    folder = str(Path(faceseg.__file__).parents[1])
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": folder},
    )
    child.stdout.readline()
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    try:
        _, errors = child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == -signal.SIGINT and errors.rstrip().endswith("KeyboardInterrupt"), errors
