"""Heads one by one: numbers, boxes, areas."""

import numpy as np
import pytest

import faceseg


def test_heads(photo):
    wide = np.full((1000, 1100, 3), 140, np.uint8)
    wide[100:612, 50:562] = photo
    wide[700:828, 800:928] = photo[::4, ::4]
    with faceseg.Session() as session:
        with pytest.raises(faceseg.FaceSegError, match="no result"):
            session.heads()
        labels = session.segment(wide)
        numbers = np.full((1000, 1100), 9, np.uint8)
        heads = session.heads(numbers)
        assert heads == session.heads()
        assert [head.number for head in heads] == sorted(head.number for head in heads)
        for x, y, least in ((275, 220, 120), (856, 730, 30)):  # the middles of the faces
            assert any(h.x < x < h.x + h.width and h.y < y < h.y + h.height and h.height > least for h in heads), heads
        for head in heads:
            mine = numbers == head.number
            assert (labels[mine] == 1).sum() == head.face_area and (labels[mine] == 2).sum() == head.hair_area
            rows, columns = np.nonzero(mine)
            assert (columns.min(), rows.min()) == (head.x, head.y)
            assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (head.width, head.height)
    with pytest.raises(ValueError, match="smallest_head is 5; -1, 0 or 8 to 4096 is wanted"):
        faceseg.Session(smallest_head=5)
