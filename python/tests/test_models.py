# Models: opening, options, what they say of themselves, errors.
import gc
import mmap
import os
import shutil

import numpy as np
import pytest
from conftest import NET

import faceseg

SCORE = str(NET).replace(".caffemodel", ".score.npy")
INPUT = str(NET).replace(".caffemodel", ".input.npy")


def status(call, *arguments, **named):
    with pytest.raises(faceseg.FaceSegError) as caught:
        call(*arguments, **named)
    return caught.value.status


def test_built_in():
    with faceseg.Model() as model:
        assert model.class_names == ("background", "face", "hair")
        assert 1_000_000 < model.parameter_count < 2_000_000
        assert model.name and all(
            isinstance(text, str) for text in (model.version, model.license, model.description, model.accuracy)
        )


def test_small_built_in():
    with faceseg.Model(network="small") as small, faceseg.Model() as standard:
        assert small.class_names == standard.class_names and small.name != standard.name
        assert small.parameter_count < standard.parameter_count / 2
        assert faceseg.segment(np.zeros((20, 30, 3), np.uint8), model=small).shape == (20, 30)
    with pytest.raises(ValueError, match="large"):
        faceseg.Model(network="large")
    with pytest.raises(ValueError, match="one is wanted"):
        faceseg.Model(NET, network="small")


def test_says_the_same_after_closing():
    model = faceseg.Model()
    before = (model.class_names, model.parameter_count, model.name, model.license)
    model.close()
    model.close()
    gc.collect()
    assert model.closed and (model.class_names, model.parameter_count, model.name, model.license) == before
    assert "closed" in repr(model)


def test_plain_caffe_file():
    with faceseg.Model(NET) as model:
        assert model.class_names == ("background", "face", "hair")
        assert (model.license, model.version, model.description, model.accuracy) == ("", "", "", "")


@pytest.mark.parametrize("kind", [str, os.fsencode, lambda path: path])
def test_paths(kind):
    faceseg.Model(kind(NET), prototxt=kind(NET.with_suffix(".prototxt"))).close()


def test_path_with_other_letters(tmp_path):
    path = tmp_path / "Haar und Gesicht: ä 髪.caffemodel"
    shutil.copy(NET, path)
    faceseg.Model(path).close()
    assert "髪" in str(pytest.raises(faceseg.FaceSegError, faceseg.Model, path.with_suffix(".髪")).value)


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "memoryview", "array", "mmap"])
def test_from_memory(kind):
    data = NET.read_bytes()
    given = {
        "bytes": lambda: data,
        "bytearray": lambda: bytearray(data),
        "memoryview": lambda: memoryview(data)[:],
        "array": lambda: np.frombuffer(data, np.uint8),
        "mmap": lambda: mapped(),
    }[kind]()
    model = faceseg.Model(data=given)
    if kind in ("bytearray",):
        given[:] = b"\0" * len(given)  # what was needed was copied
    del given
    gc.collect()
    wanted = np.load(SCORE)
    got = faceseg.Session(model).forward(np.load(INPUT), "score")
    assert np.abs(got - wanted).max() <= 2e-5 * np.abs(wanted).max()


def mapped():
    with open(NET, "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def test_file_may_be_removed_after_the_first_session(tmp_path):
    path = tmp_path / "net.caffemodel"
    shutil.copy(NET, path)
    model = faceseg.Model(path)
    faceseg.Session(model).close()
    path.unlink()
    assert faceseg.Session(model).forward(np.load(INPUT)).size


def test_class_names(small):
    with faceseg.Model(NET, class_names=["rest", "hair", "face"]) as model, faceseg.Session(model) as session:
        assert model.class_names == ("rest", "hair", "face")
        session.run(small)
        for name, index in (("hair", 1), ("face", 2)):
            stretched = np.clip(2 * session.probability(index) - 0.5, 0, 1)
            assert np.abs(session.alpha(name) - stretched).max() < 1e-6


def test_preprocessing_is_used(small):
    def run(**options):
        return faceseg.segment(small, model=faceseg.Model(NET, **options), output="probabilities")

    usual = run()
    assert np.array_equal(
        run(means=(104.00699, 116.66877, 122.67892), scale=1, working_size=512, reduce_size=250), usual
    )
    for options in (
        {"means": (0, 0, 0)},
        {"scale": 0.5},
        {"working_size": 96},
        {"reduce_size": 40},
        {"working_size": -1, "reduce_size": -1},
    ):
        assert not np.array_equal(run(**options), usual), options


def test_means_are_in_the_order_b_g_r(small):
    """A picture of one colour, minus that colour, is all zeros, whatever the network."""

    def run(colour, means):
        model = faceseg.Model(NET, means=means, working_size=64, reduce_size=-1)
        photo = np.full((64, 64, 3), colour, np.uint8)
        return faceseg.segment(photo, model=model, output="probabilities", refine="none")

    assert np.array_equal(run((10, 20, 30), (30, 20, 10)), run((1, 2, 3), (3, 2, 1)))
    assert not np.array_equal(run((10, 20, 30), (10, 20, 30)), run((1, 2, 3), (3, 2, 1)))


def test_bad_arguments():
    for named, kind, text in [
        ({"path": NET, "data": b"x"}, ValueError, "both given"),
        ({"scale": 1}, ValueError, "built-in network takes no options"),
        ({"class_names": []}, ValueError, "built-in network takes no options"),
        ({"path": NET, "means": (1, 2)}, ValueError, "means has 2 numbers"),
        ({"path": NET, "means": (1, 2, float("nan"))}, ValueError, "means nan is not finite"),
        ({"path": NET, "scale": float("inf")}, ValueError, "scale inf is not finite"),
        ({"path": NET, "scale": "much"}, ValueError, "much"),
        ({"path": NET, "working_size": 0}, ValueError, "working_size is 0"),
        ({"path": NET, "reduce_size": 4097}, ValueError, "reduce_size 4097"),
        ({"path": NET, "working_size": 2**32 + 5}, ValueError, "working_size"),
        ({"path": NET, "working_size": 5.0}, TypeError, "integer"),
        ({"path": NET, "class_names": "a,b,c"}, TypeError, "sequence of str"),
        ({"path": NET, "class_names": [1, 2, 3]}, TypeError, "sequence of str"),
        ({"path": NET, "class_names": ["a,b", "c"]}, ValueError, "none with a comma"),
        ({"path": NET, "class_names": []}, ValueError, "one name or more"),
        ({"path": "a\0b"}, ValueError, "0 character"),
        ({"path": NET, "prototxt": "a\0b"}, ValueError, "0 character"),
        ({"path": 7}, TypeError, "PathLike"),
        ({"data": 7}, TypeError, "bytes-like"),
        ({"data": "text"}, TypeError, "bytes-like"),
    ]:
        with pytest.raises(kind, match=text):
            faceseg.Model(**named)


def test_refused_by_the_library(tmp_path):
    assert status(faceseg.Model, tmp_path / "none.caffemodel") == faceseg.Status.FILE_ERROR
    assert status(faceseg.Model, tmp_path) == faceseg.Status.FILE_ERROR
    assert status(faceseg.Model, NET, prototxt=tmp_path / "none.prototxt") == faceseg.Status.FILE_ERROR
    assert status(faceseg.Model, NET, scale=1e300) == faceseg.Status.INVALID_ARGUMENT
    for data in (b"", b"\xff" * 100, NET.read_bytes()[:-1]):
        assert status(lambda: faceseg.Session(faceseg.Model(data=data))) in (
            faceseg.Status.FILE_ERROR,
            faceseg.Status.MODEL_ERROR,
        )


def test_error_is_a_message_and_a_number():
    error = pytest.raises(faceseg.FaceSegError, faceseg.Model, "/nowhere/net.caffemodel").value
    assert error.status == faceseg.Status.FILE_ERROR == 2 and type(error.status) is int
    assert error.status_name == "FACESEG_FILE_ERROR"
    assert "/nowhere/net.caffemodel" in error.message
    assert str(error) == f"{error.message} (FACESEG_FILE_ERROR)"
    import pickle

    again = pickle.loads(pickle.dumps(error))
    assert (again.status, again.message) == (error.status, error.message)
