"""What is told of a head in a photo."""

from __future__ import annotations

from typing import NamedTuple


class Head(NamedTuple):
    """A face with its hair, or hair alone."""

    number: int
    """1 to 255, what its pixels are in :meth:`Session.heads`' ``out``; larger heads have smaller ones."""
    x: int
    """Left side of the smallest rectangle about its pixels."""
    y: int
    """Its top."""
    width: int
    """Its columns."""
    height: int
    """Its rows."""
    confidence: float
    """Mean probability of face and hair where it was looked at, 0.5 to 1."""
    face_area: int
    """Pixels labelled face."""
    hair_area: int
    """Pixels labelled hair."""
