"""Other colours: what stays, what changes, and what is refused. The formulas' own test is Tests/kernels/test_recolor.c."""

import numpy as np
import pytest

import faceseg


def test_hair_takes_the_color(photo):
    hair = faceseg.segment(photo, output="alpha", target="hair")
    result = faceseg.recolor(photo, hair, "#8a2be2")
    assert result.shape == photo.shape and (result[hair == 0] == photo[hair == 0]).all()
    mean = result[hair > 0.9].mean(axis=0)
    assert np.abs(mean - [0x8A, 0x2B, 0xE2]).max() < 40
    # Strands stay: lighter pixels are lighter still.
    light, before = result[hair > 0.9].sum(axis=1), photo[hair > 0.9].sum(axis=1)
    assert np.corrcoef(light, before)[0, 1] > 0.9


def test_the_forms_of_arguments_agree(photo):
    hair = faceseg.segment(photo, output="alpha", target="hair")
    whole = faceseg.recolor(photo, hair, "#b3261e")
    out = np.zeros_like(photo)
    assert faceseg.recolor(photo, hair, (0xB3, 0x26, 0x1E), out=out, threads=1) is out
    assert (out == whole).all()
    assert (faceseg.recolor(photo[..., ::-1], hair, "#B3261E", channels="bgr") == whole).all()
    coarse = faceseg.recolor(photo, np.rint(hair * 255).astype(np.uint8), "#b3261e")
    assert np.abs(coarse.astype(int) - whole).max() <= 3
    assert (faceseg.recolor(photo, hair, "#b3261e", strength=0) == photo).all()
    half = faceseg.recolor(photo, hair, "#b3261e", strength=0.5).astype(int)
    assert (np.abs(half - photo) <= np.abs(whole.astype(int) - photo) + 1).all()


def test_what_is_refused(photo):
    alpha = np.zeros(photo.shape[:2], np.float32)
    for color in ("violet", "#8a2be", "8a2be2", "#8a2be2ff"):
        with pytest.raises(ValueError, match='"#rrggbb" is wanted'):
            faceseg.recolor(photo, alpha, color)
    with pytest.raises(ValueError, match="three numbers of 0 to 255 are wanted"):
        faceseg.recolor(photo, alpha, (0, 0, 256))
    with pytest.raises(faceseg.FaceSegError, match="strength 1.5 is not between 0 and 1"):
        faceseg.recolor(photo, alpha, "#8a2be2", strength=1.5)
    with pytest.raises(faceseg.FaceSegError, match="strength nan is not between 0 and 1"):
        faceseg.recolor(photo, alpha, "#8a2be2", strength=float("nan"))
    with pytest.raises(ValueError, match="out shares memory with the photo"):
        own = photo.copy()
        faceseg.recolor(own, alpha, "#8a2be2", out=own)
    with pytest.raises(TypeError, match="alpha has dtype float64"):
        faceseg.recolor(photo, alpha.astype(float), "#8a2be2")
