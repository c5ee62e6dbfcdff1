# Results out: shapes, dtypes, ranges, arrays of the caller; regions and orientations.
import numpy as np
import pytest

import faceseg

RESULTS = {
    "labels": (lambda s, out=None: s.labels(out), (130, 97), [np.uint8]),
    "probabilities": (lambda s, out=None: s.probabilities(out), (3, 130, 97), [np.float32, np.uint8]),
    "probability": (lambda s, out=None: s.probability(2, out), (130, 97), [np.float32, np.uint8]),
    "alpha": (lambda s, out=None: s.alpha("hair", out), (130, 97), [np.float32, np.uint8]),
    "overlay": (lambda s, out=None: s.overlay(out), (130, 97, 3), [np.uint8]),
}
EACH = pytest.mark.parametrize("fetch, shape, types", RESULTS.values(), ids=RESULTS)


@pytest.fixture
def ran(session, small):
    session.run(small)
    return session


@EACH
def test_shape_and_dtype(ran, fetch, shape, types):
    got = fetch(ran)
    assert got.shape == shape and got.dtype == types[0] and got.flags.owndata and got.flags.c_contiguous
    assert np.array_equal(fetch(ran), got)


def test_values(ran):
    probabilities, labels = ran.probabilities(), ran.labels()
    assert probabilities.min() >= 0 and probabilities.max() <= 1
    assert np.abs(probabilities.sum(axis=0) - 1).max() < 1e-5
    assert np.array_equal(probabilities.argmax(axis=0), labels)
    for index in range(3):
        assert np.array_equal(ran.probability(index), probabilities[index])
    head = probabilities[1] + probabilities[2]
    for alpha, wanted in ((ran.alpha("face"), probabilities[1]), (ran.alpha("hair"), probabilities[2]), (ran.alpha(), head)):
        assert np.abs(alpha - np.clip(2 * wanted - 0.5, 0, 1)).max() < 1e-6
        assert (alpha[wanted <= 0.25] == 0).all() and (alpha[wanted >= 0.75] == 1).all()


def test_overlay_paints_all_but_background(ran, small):
    overlay, labels = ran.overlay(), ran.labels()
    assert len(np.unique(labels)) > 1
    assert np.array_equal(overlay[labels == 0], small[labels == 0])
    for index, colour in [(1, (128, 0, 0)), (2, (0, 128, 0))]:
        half = (small[labels == index].astype(int) + colour) / 2
        assert np.abs(overlay[labels == index] - half).max(initial=0) <= 1


def test_overlay_is_rgb_for_bgr_photos_too(session, small):
    wanted = session.segment(small, output="overlay")
    assert np.array_equal(session.segment(small[..., ::-1].copy(), channels="bgr", output="overlay"), wanted)


@EACH
def test_out_is_filled_and_returned(ran, fetch, shape, types):
    wanted = fetch(ran)
    for kind in types:
        out = np.full(shape, 77, kind)
        assert fetch(ran, out) is out
        scaled = out / 255 if kind == np.uint8 and types[0] == np.float32 else out
        assert np.abs(scaled - wanted).max() <= (0.5 / 255 + 1e-6 if scaled is not out else 0)


@EACH
def test_out_with_gaps_between_rows(ran, fetch, shape, types):
    wanted = fetch(ran)
    rows = -3 if len(shape) == 3 and shape[2] == 3 else -2
    room = [side + 6 * (axis == len(shape) + rows + 1) for axis, side in enumerate(shape)]
    room = [side * (2 if axis == len(shape) + rows else 1) for axis, side in enumerate(room)]
    memory = np.full(room, 77, types[0])
    cut = (slice(None, None, 2), slice(2, -4)) + (slice(None),) * (-rows - 2)
    out = memory[(slice(None),) * (len(shape) + rows) + cut]
    assert out.shape == shape and fetch(ran, out) is out and np.array_equal(out, wanted)
    out[...] = 77
    assert (memory == 77).all()  # nothing else was written


def test_planes_of_probabilities_may_lie_anywhere(ran, small):
    wanted, memory = ran.probabilities(), np.zeros((130, 3, 97), np.float32)
    assert np.array_equal(ran.probabilities(memory.transpose(1, 0, 2)), wanted)
    assert np.array_equal(ran.probabilities(np.zeros_like(wanted)[::-1]), wanted)


@EACH
def test_out_that_does_not_fit(ran, fetch, shape, types):
    name = np.dtype(types[0]).name
    for out in ([], "labels", bytearray(9)):
        with pytest.raises(TypeError, match=f"a numpy array of {name}"):
            fetch(ran, out)
    for kind in (np.float64, np.int8, bool, ">f4"):
        with pytest.raises(TypeError, match=f"out has dtype .*; {name}"):
            fetch(ran, np.zeros(shape, kind))
    for other in (shape[1:], (*shape, 1), (*shape[:-1], shape[-1] + 1)):
        with pytest.raises(ValueError, match="out has shape"):
            fetch(ran, np.zeros(other, types[0]))
    out = np.zeros(shape, types[0])
    for strided in (out[..., ::-1], out.T.copy().T, np.zeros((*shape, 2), types[0])[..., 0]):
        with pytest.raises(ValueError, match="out has strides"):
            fetch(ran, strided)
    out.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        fetch(ran, out)


def test_rows_backwards_do_not_fit(ran):
    with pytest.raises(ValueError, match="out has strides"):
        ran.labels(np.zeros((130, 97), np.uint8)[::-1])


def test_floats_must_be_aligned(ran):
    out = np.zeros(130 * 97 * 4 + 1, np.uint8)[1:].view(np.float32).reshape(130, 97)
    with pytest.raises(ValueError, match="out has strides"):
        ran.alpha(out=out)


def test_out_over_the_photo_is_refused(session, small):
    memory = np.zeros((130, 200, 3), np.uint8)
    image, beside = memory[:, :97], memory[:, 100:197]
    image[:] = small
    session.run(image)
    with pytest.raises(ValueError, match="shares memory"):
        session.overlay(image)
    assert np.array_equal(session.overlay(beside), session.overlay())


@pytest.mark.parametrize("output", ["labels", "probabilities", "alpha", "overlay"])
def test_segment_is_run_and_fetch(ran, small, output):
    wanted = RESULTS[output][0](ran)
    for segment in (ran.segment, faceseg.segment):
        assert np.array_equal(segment(small, output=output, target="hair"), wanted)
        out = np.zeros_like(wanted)
        assert segment(small, output=output, target="hair", out=out) is out and np.array_equal(out, wanted)


def test_outputs_and_targets_that_are_none(ran, small):
    for call in (lambda: ran.segment(small, output="mask"), lambda: faceseg.segment(small, output="mask")):
        with pytest.raises(ValueError, match="output is 'mask'; one of labels"):
            call()
    for call in (lambda: ran.alpha("nose"), lambda: ran.segment(small, target="nose"), lambda: ran.alpha(3)):
        with pytest.raises(ValueError, match="target is .*; one of face, hair, head"):
            call()
    ran.labels()  # a wrong argument costs no result


def test_class_out_of_range(ran):
    with pytest.raises(faceseg.FaceSegError) as caught:
        ran.probability(3)
    assert caught.value.status == faceseg.Status.INVALID_ARGUMENT
    for index in (-1, 2**32):
        with pytest.raises(ValueError, match="index"):
            ran.probability(index)


def test_no_result_before_a_run(session):
    for fetch, _, _ in RESULTS.values():
        with pytest.raises(faceseg.FaceSegError) as caught:
            fetch(session)
        assert caught.value.status == faceseg.Status.NO_RESULT


def agreement(a, b):
    return (a == b).mean()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_orientation(photo, turns):
    upright = faceseg.segment(photo[:, 40:400])
    turned = np.rot90(photo[:, 40:400], turns)  # counter-clockwise; undone by as many clockwise turns
    got = faceseg.segment(turned, orientation=90 * turns)
    assert got.shape == turned.shape[:2]
    assert agreement(got, np.rot90(upright, turns)) > 0.99


@pytest.mark.parametrize("orientation", [45, -90, 360, None, "90"])
def test_other_orientations_are_refused(small, orientation):
    with pytest.raises(ValueError, match="orientation"):
        faceseg.segment(small, orientation=orientation)


def test_region_is_as_the_part_alone(photo):
    got = faceseg.segment(photo, region=(150, 10, 180, 200))
    assert agreement(got[10:210, 150:330], faceseg.segment(photo[10:210, 150:330])) > 0.99
    got[10:210, 150:330] = 0
    assert not got.any()
    outside = faceseg.segment(photo, region=(150, 10, 180, 200), output="probabilities")[:, 300]
    assert (outside[0] == 1).all() and (outside[1:] == 0).all()


def test_whole_region_is_none(small):
    assert np.array_equal(faceseg.segment(small, region=faceseg.Region(0, 0, 97, 130)), faceseg.segment(small))


def test_turned_region(photo):
    """A half turn about the region's centre undoes that of its content."""
    upright = faceseg.segment(photo, region=(100, 0, 312, 312))
    upside_down = photo.copy()
    upside_down[0:312, 100:412] = photo[0:312, 100:412][::-1, ::-1]
    got = faceseg.segment(upside_down, region=faceseg.Region(100, 0, 312, 312, angle=180))
    assert agreement(got[0:312, 100:412][::-1, ::-1], upright[0:312, 100:412]) > 0.99


def test_other_regions_are_refused(small):
    for region in ((1, 2, 3), (1, 2, 3, 4, 5, 6), (), (1, 2, float("nan"), 4), (float("inf"), 0, 5, 5)):
        with pytest.raises(ValueError, match="region"):
            faceseg.segment(small, region=region)
    with pytest.raises(TypeError):
        faceseg.segment(small, region=7)
    for region in ((0, 0, 0, 5), (0, 0, -5, 5), (1e30, 0, 5, 5)):
        with pytest.raises(faceseg.FaceSegError) as caught:
            faceseg.segment(small, region=region)
        assert caught.value.status == faceseg.Status.INVALID_ARGUMENT
