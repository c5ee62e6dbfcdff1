"""The dense CRF over maps of the caller's own, and as a refinement."""

import numpy as np
import pytest

import faceseg


@pytest.fixture
def maps(small):
    return faceseg.segment(small, output="probabilities", refine="none")


def test_a_session_refines_its_own_maps(small):
    refined = faceseg.segment(small, output="probabilities", refine="crf")
    assert np.abs(refined.sum(axis=0) - 1).max() < 1e-5
    assert (faceseg.segment(small, refine="crf") == refined.argmax(axis=0)).all()
    assert (faceseg.segment(small, refine="crf") == faceseg.segment(small)).mean() > 0.9


def test_what_kernels_of_no_weight_do(small, maps):
    alone = faceseg.crf(small, 2 * maps, appearance_weight=0, smoothness_weight=0)
    known = np.maximum(2 * maps, np.float32(1e-5))
    assert np.abs(alone - known / known.sum(axis=0)).max() < 1e-5


def test_noise_on_a_plain_edge_goes():
    photo = np.full((40, 60, 3), 200, np.uint8)
    photo[:, 30:] = 40
    truth = np.repeat([[0] * 30 + [1] * 30], 40, axis=0)
    generator = np.random.default_rng(1)
    ones = np.clip(0.5 + 0.2 * (truth - 0.5) + generator.normal(0, 0.2, truth.shape), 0.05, 0.95)
    maps = np.stack([1 - ones, ones]).astype(np.float32)
    assert (maps.argmax(axis=0) != truth).mean() > 0.2
    for channels in ("rgb", "bgr"):
        assert (faceseg.crf(photo, maps, channels=channels).argmax(axis=0) == truth).all()


def test_in_place_and_threads(small, maps):
    given = maps.copy()
    wanted = faceseg.crf(small, maps, threads=1)
    assert (given == maps).all() and wanted is not maps
    assert faceseg.crf(small, given, out=given, threads=3) is given
    assert (given == wanted).all()


def test_wrong_arguments(small, maps):
    with pytest.raises(TypeError, match="float32"):
        faceseg.crf(small, maps.astype(np.float64))
    with pytest.raises(ValueError, match=r"\(C, 130, 97\) is wanted"):
        faceseg.crf(small, maps[:, :50])
    for options in ({"rounds": -1}, {"appearance_weight": -1}, {"color_distance": 0}, {"threads": 2000}):
        with pytest.raises(faceseg.FaceSegError, match="is not between"):
            faceseg.crf(small, maps, **options)
