"""Steady sessions: frames of one video."""

import numpy as np
import pytest

import faceseg


def clip(photo, count):
    chance = np.random.default_rng(0)
    for _ in range(count):
        yield np.clip(photo + chance.normal(0, 5, photo.shape), 0, 255).astype(np.uint8)


def test_steady(photo):
    with faceseg.Session() as single, faceseg.Session(steady=True) as steady:
        frames, changed, before = list(clip(photo, 8)), np.zeros(2), None
        for index, frame in enumerate(frames):
            both = single.segment(frame), steady.segment(frame)
            assert index > 0 or (both[0] == both[1]).all()
            if index > 2:
                changed += [(a != b).sum() for a, b in zip(both, before)]
            before = both
        assert changed[0] > 4 * changed[1], changed
        steady.begin_video()
        assert (steady.segment(frames[3]) == single.segment(frames[3])).all()
        assert (steady.segment(frames[4]) != single.segment(frames[4])).any()
    with pytest.raises(ValueError, match="closed"):
        steady.begin_video()
