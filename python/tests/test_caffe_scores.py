# Every net in the fixtures gives Caffe's own score. Nets are found by their files, never by a list of names.
import gc
import weakref

import numpy as np
import pytest
from conftest import ALL_FIXTURES, NET, SMALL_FIXTURES

import faceseg


def bases(folder):
    """Paths without endings, of nets that have all four files."""
    found = [str(path)[: -len(".score.npy")] for path in sorted(folder.glob("*.score.npy"))]
    return [
        base
        for base in found
        if all((folder / (base + end)).exists() for end in (".prototxt", ".caffemodel", ".input.npy"))
    ]


def check(base):
    inputs, wanted = np.load(f"{base}.input.npy"), np.load(f"{base}.score.npy")
    with faceseg.Model(f"{base}.caffemodel", prototxt=f"{base}.prototxt") as model, faceseg.Session(model) as session:
        got = session.forward(inputs, "score")
    assert got.shape == wanted.shape and got.dtype == np.float32
    assert np.abs(got - wanted).max() <= 2e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("base", bases(SMALL_FIXTURES), ids=lambda base: base.rpartition("/")[2])
def test_small_net(base):
    check(base)


@pytest.mark.skipif(not ALL_FIXTURES.is_dir(), reason=f"no fixtures at {ALL_FIXTURES}")
@pytest.mark.parametrize("base", bases(ALL_FIXTURES), ids=lambda base: base.rpartition("/")[2])
def test_net(base):
    check(base)


def test_small_nets_are_there():
    assert len(bases(SMALL_FIXTURES)) >= 8


@pytest.fixture
def net():
    with faceseg.Session(faceseg.Model(NET)) as session:
        yield session


@pytest.fixture
def numbers():
    return np.load(str(NET).replace(".caffemodel", ".input.npy"))


def test_result_owns_its_data(net, numbers):
    first = net.forward(numbers)
    kept = first.copy()
    net.forward(np.zeros_like(numbers))
    net.close()
    gc.collect()
    assert first.flags.owndata and np.array_equal(first, kept)


def test_inputs_in_any_order_of_memory(net, numbers):
    wanted = net.forward(numbers)
    assert np.array_equal(net.forward([np.asfortranarray(numbers)]), wanted)
    wide = np.zeros((*numbers.shape[:3], 2 * numbers.shape[3]), np.float32)
    wide[..., ::2] = numbers
    assert np.array_equal(net.forward((wide[..., ::2],)), wanted)


@pytest.mark.parametrize("dtype", [np.float64, np.uint8, np.float16])
def test_other_dtypes_are_refused(net, numbers, dtype):
    with pytest.raises(TypeError, match=f"inputs\\[0\\] has dtype {np.dtype(dtype).name}; float32 is wanted"):
        net.forward(numbers.astype(dtype))


def test_what_does_not_fit(net, numbers):
    for inputs in ([], np.zeros((1, 3, 0, 5), np.float32), np.zeros((1,) * 9, np.float32)):
        with pytest.raises(ValueError, match="inputs"):
            net.forward(inputs)
    for inputs, blob, status in [
        (numbers, "no such blob", faceseg.Status.INVALID_ARGUMENT),
        ([numbers, numbers], None, faceseg.Status.INVALID_ARGUMENT),
        (numbers[0], None, faceseg.Status.SHAPE_ERROR),
    ]:
        with pytest.raises(faceseg.FaceSegError) as caught:
            net.forward(inputs, blob)
        assert caught.value.status == status, caught.value
    with pytest.raises(ValueError, match="0 character"):
        net.forward(numbers, "score\0")
    assert net.forward(numbers).size  # and it still works


@pytest.mark.parametrize("channels", [1, 2, 4, 600])
def test_other_channels_than_the_weights(net, channels):
    """As in Caffe an error; otherwise weights would be read past their end."""
    with pytest.raises(faceseg.FaceSegError) as caught:
        net.forward(np.ones((1, channels, 40, 33), np.float32))
    assert caught.value.status == faceseg.Status.SHAPE_ERROR


def test_forward_drops_the_photo(net, numbers, small):
    image = small.copy()
    watch = weakref.ref(image)
    net.run(image)
    del image
    net.forward(numbers)
    gc.collect()
    assert watch() is None
    with pytest.raises(faceseg.FaceSegError) as caught:
        net.labels()
    assert caught.value.status_name == "FACESEG_NO_RESULT"
