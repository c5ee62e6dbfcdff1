"""Matting with a caller's own trimap, and as a refinement."""

import numpy as np
import pytest

import faceseg


@pytest.fixture
def mixed():
    """A photo mixed of two colours, its alpha and a trimap."""
    alpha = np.tile(np.clip((np.arange(60, dtype=np.float32) - 20) / 20, 0, 1), (40, 1))
    front, back = np.array([200, 60, 40]), np.array([20, 90, 230])
    photo = np.rint(alpha[..., None] * front + (1 - alpha[..., None]) * back).astype(np.uint8)
    return photo, alpha, np.where(alpha == 0, 0, np.where(alpha == 1, 255, 77)).astype(np.uint8)


def test_what_was_mixed_is_found(mixed):
    photo, alpha, trimap = mixed
    found = faceseg.matte(photo, trimap)
    assert found.dtype == np.float32 and np.abs(found - alpha).max() < 0.02
    colors = faceseg.foreground(photo, found)
    assert colors.shape == photo.shape and np.abs(colors[found > 0.1].astype(int) - [200, 60, 40]).max() <= 6
    assert (faceseg.foreground(photo[..., ::-1], found, channels="bgr") == colors).all()


def test_views(mixed):
    photo, alpha, trimap = mixed
    found = faceseg.matte(photo, trimap)
    out = np.zeros((40, 80), np.uint8)[:, :60]
    wide = np.repeat(trimap, 2, axis=1)
    assert faceseg.matte(photo, wide[:, ::2], out=out, threads=1) is out
    assert np.abs(out - 255 * found).max() <= 0.51
    colors = np.zeros_like(photo)
    assert faceseg.foreground(photo, alpha.astype(np.float32), out=colors) is colors and colors.any()


def test_what_is_refused(mixed):
    photo, alpha, trimap = mixed
    with pytest.raises(faceseg.FaceSegError, match="nothing is known"):
        faceseg.matte(photo, np.full_like(trimap, 128))
    with pytest.raises(faceseg.FaceSegError, match="threads -1 is not between 0 and 1024"):
        faceseg.matte(photo, trimap, threads=-1)
    with pytest.raises(TypeError, match="trimap has dtype float32; uint8 is wanted"):
        faceseg.matte(photo, alpha)
    with pytest.raises(ValueError, match=r"trimap has shape \(40, 59\); the image's, \(40, 60\), is wanted"):
        faceseg.matte(photo, trimap[:, 1:])
    with pytest.raises(ValueError, match="out shares memory with the trimap"):
        faceseg.matte(photo, trimap, out=trimap)
    with pytest.raises(TypeError, match="alpha has dtype float64; float32 or uint8 is wanted"):
        faceseg.foreground(photo, alpha.astype(float))


def test_refinement(photo):
    guided = faceseg.segment(photo, output="alpha", target="hair")
    matted = faceseg.segment(photo, output="alpha", target="hair", refine="matting")
    difference = np.abs(guided - matted)
    assert difference.mean() < 0.03 and (difference > 0.1).sum() > 500
    labels = faceseg.segment(photo, refine="matting")
    assert (labels == faceseg.segment(photo)).all()
