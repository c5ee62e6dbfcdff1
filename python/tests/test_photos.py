# Photos in: what is borrowed, what is copied, what is refused; and that the form in memory changes no result.
import gc
import weakref

import numpy as np
import pytest
from conftest import PHOTO
from PIL import Image

import faceseg
from faceseg._structs import BGR8, BGRA8, GRAY8, RGB8, RGBA8


def with_alpha(photo):
    return np.dstack([photo, np.arange(photo.shape[0] * photo.shape[1], dtype=np.uint8).reshape(photo.shape[:2])])


def in_wider_rows(photo):
    wide = np.full((photo.shape[0], photo.shape[1] + 7, *photo.shape[2:]), 9, np.uint8)
    wide[:, 3:-4] = photo
    return wide[:, 3:-4]


def every_second_row(photo):
    tall = np.full((2 * photo.shape[0], *photo.shape[1:]), 9, np.uint8)
    tall[::2] = photo
    return tall[::2]


def every_second_column(photo):
    wide = np.full((photo.shape[0], 2 * photo.shape[1], *photo.shape[2:]), 9, np.uint8)
    wide[:, ::2] = photo
    return wide[:, ::2]


def upside_down(photo):
    return np.ascontiguousarray(photo[::-1])[::-1]


def as_planes(photo):
    return np.ascontiguousarray(photo.transpose(2, 0, 1)).transpose(1, 2, 0)


def misaligned(photo):
    memory = np.zeros(photo.size + 1, np.uint8)[1:].reshape(photo.shape)
    memory[:] = photo
    return memory


BORROWED = [
    (lambda photo: photo, "rgb", RGB8),
    (in_wider_rows, "rgb", RGB8),
    (every_second_row, "rgb", RGB8),
    (misaligned, "rgb", RGB8),
    (with_alpha, "rgb", RGBA8),
    (lambda photo: in_wider_rows(with_alpha(photo)), "rgb", RGBA8),
    (lambda photo: photo[..., ::-1].copy(), "bgr", BGR8),
    (lambda photo: with_alpha(photo)[..., [2, 1, 0, 3]].copy(), "bgr", BGRA8),
]
COPIED = [
    (lambda photo: photo[..., ::-1].copy()[..., ::-1], "rgb", RGB8),
    (lambda photo: photo[..., ::-1], "bgr", BGR8),
    (lambda photo: with_alpha(photo)[..., :3], "rgb", RGB8),
    (every_second_column, "rgb", RGB8),
    (upside_down, "rgb", RGB8),
    (as_planes, "rgb", RGB8),
    (np.asfortranarray, "rgb", RGB8),
]


@pytest.mark.parametrize("make, channels, number", BORROWED)
def test_borrowed(session, seen, small, make, channels, number):
    wanted = session.segment(small, output="probabilities")
    image = make(small)
    got = session.segment(image, output="probabilities", channels=channels)
    assert seen[1] == (image.ctypes.data, image.strides[0], number)
    assert np.array_equal(got, wanted)


@pytest.mark.parametrize("make, channels, number", COPIED)
def test_copied_once(session, seen, small, monkeypatch, make, channels, number):
    wanted = session.segment(small, output="probabilities")
    image, copies = make(small), []
    copy = np.ascontiguousarray
    monkeypatch.setattr(np, "ascontiguousarray", lambda array: copies.append(copy(array)) or copies[-1])
    got = session.segment(image, output="probabilities", channels=channels)
    assert len(copies) == 1 and seen[1] == (copies[0].ctypes.data, small.shape[1] * 3, number)
    assert not np.shares_memory(copies[0], image)
    assert np.array_equal(got, wanted)


def test_grey(session, seen, small):
    grey = small[..., 1].copy()
    wanted = session.segment(np.dstack([grey] * 3), output="probabilities")
    strided = in_wider_rows(grey)
    for image in (grey, strided):
        for channels in ("rgb", "bgr"):
            assert np.array_equal(session.segment(image, output="probabilities", channels=channels), wanted)
            assert seen[-1] == (image.ctypes.data, image.strides[0], GRAY8)
    assert np.array_equal(session.segment(small[..., 1], output="probabilities"), wanted)
    assert seen[-1][1] == small.shape[1]


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (9, 1, 3), (1, 1, 4), (1, 9), (9, 1)])
def test_sides_of_one_with_any_stride(session, seen, shape):
    plain = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    odd = [stride if side > 1 or axis == 2 else -999 for axis, (side, stride) in enumerate(zip(shape, plain.strides))]
    image = np.lib.stride_tricks.as_strided(plain, shape, odd)
    assert np.array_equal(session.segment(image), session.segment(plain))
    assert seen[0][0] == image.ctypes.data and seen[0][1] > 0


def test_repeated_rows_are_copied(session, seen, small):
    image = np.broadcast_to(small[:1], small.shape)  # a row stride of 0
    assert np.array_equal(session.segment(image), session.segment(image.copy()))
    assert seen[0][1] == small.shape[1] * 3


def test_read_only(session, seen, small):
    assert not small.flags.writeable
    session.run(small)
    assert seen[0][0] == small.ctypes.data


class TestPillow:
    @pytest.mark.parametrize("mode, number", [("RGB", RGB8), ("RGBA", RGBA8)])
    def test_colour(self, session, seen, small, mode, number):
        image = Image.fromarray(small).convert(mode)
        assert np.array_equal(session.segment(image), session.segment(small))
        assert seen[0][2] == number

    def test_grey(self, session, seen, small):
        image = Image.fromarray(small).convert("L")
        assert np.array_equal(session.segment(image), session.segment(np.asarray(image)))
        assert seen[0][2] == GRAY8

    @pytest.mark.parametrize("mode", ["P", "CMYK", "YCbCr", "HSV", "LAB", "LA", "PA", "1", "RGBX", "RGBa", "La"])
    def test_converted(self, session, seen, small, mode):
        image = Image.fromarray(small)
        for step in {"RGBa": ["RGBA"], "La": ["LA"], "PA": ["P"]}.get(mode, []) + [mode]:
            image = image.convert(step)
        colours = image.convert({"RGBa": "RGBA", "La": "LA"}.get(mode, mode)).convert("RGB")
        assert np.array_equal(session.segment(image), session.segment(np.asarray(colours)))
        assert seen[0][2] == (RGBA8 if mode == "RGBa" else RGB8)

    @pytest.mark.parametrize("mode", ["I", "F", "I;16"])
    def test_deep_modes_are_refused(self, session, mode):
        with pytest.raises(TypeError, match=f"mode {mode}; 8 bits"):
            session.run(Image.new(mode, (8, 8)))

    def test_channels_are_its_own(self, session, small):
        with pytest.raises(ValueError, match="leave channels out"):
            session.run(Image.fromarray(small), channels="bgr")


def test_other_objects(session, small):
    class Wrapped:
        __array_interface__ = small.__array_interface__

    for image in (Wrapped(), memoryview(small), np.ma.array(small)):
        assert np.array_equal(session.segment(image), session.segment(small))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.uint16, np.int64, bool])
def test_other_dtypes_are_refused(session, small, dtype):
    with pytest.raises(TypeError, match=f"image has dtype {np.dtype(dtype).name}; uint8"):
        session.run(small.astype(dtype))


@pytest.mark.parametrize("image", ["photo.jpg", b"\xff\xd8\xff", PHOTO])
def test_files_are_opened_by_the_caller(session, image):
    for run in (session.run, faceseg.segment):
        with pytest.raises(TypeError, match=r"open the file first, say numpy\.asarray\(PIL\.Image\.open"):
            run(image)


@pytest.mark.parametrize("image", [None, [[1, 2], [3, 4]], object()])
def test_no_pictures_are_refused(session, image):
    with pytest.raises(TypeError, match="uint8"):
        session.run(image)


@pytest.mark.parametrize(
    "shape",
    [
        (),
        (5,),
        (0, 5, 3),
        (5, 0, 3),
        (0, 0),
        (5, 5, 1),
        (5, 5, 2),
        (5, 5, 5),
        (3, 5, 5),
        (1, 5, 5, 3),
        (16385, 1),
        (1, 16385, 3),
    ],
)
def test_other_shapes_are_refused(session, shape):
    with pytest.raises(ValueError, match="image has shape"):
        session.run(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("channels", ["BGR", "rgba", "", None, 3])
def test_other_channels_are_refused(session, small, channels):
    with pytest.raises(ValueError, match="channels is"):
        session.run(small, channels=channels)


def test_photo_is_kept_until_the_next_run(session, small):
    first, second = small.copy(), small.copy()
    watch, watch_second = weakref.ref(first), weakref.ref(second)
    session.run(first)
    wanted = session.overlay()
    del first
    gc.collect()
    assert watch() is not None and np.array_equal(session.overlay(), wanted)
    session.run(second)
    del second
    gc.collect()
    assert watch() is None and watch_second() is not None
    session.close()
    gc.collect()
    assert watch_second() is None


def test_segment_keeps_no_photo(small):
    image = small.copy()
    watch = weakref.ref(image)
    faceseg.segment(image)
    del image
    gc.collect()
    assert watch() is None
