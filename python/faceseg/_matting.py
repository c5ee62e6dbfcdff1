"""Matting of any photo with any trimap: alpha, and the foreground's own colours. No model is needed."""

from __future__ import annotations

import ctypes
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from . import _arrays as arrays
from . import _structs as c
from ._library import call, library
from ._session import Array


def matte(
    image: Any, trimap: npt.NDArray[np.uint8], *, channels: str = "rgb", out: Optional[Array] = None, threads: int = 0
) -> Array:
    """How much of each pixel is foreground, in closed form (Levin, Lischinski and Weiss, PAMI 2008).

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> trimap = numpy.full((48, 64), 128, numpy.uint8)
    >>> trimap[:, :20], trimap[:, 40:] = 0, 255
    >>> faceseg.matte(photo, trimap).shape
    (48, 64)

    Args:
        image: uint8 (H, W, 3), (H, W, 4) or (H, W), or a Pillow image; see :meth:`Session.run`.
        trimap: (H, W) uint8: 0 background, 255 foreground, all others unknown.
        channels: ``"rgb"`` or ``"bgr"``, the order in memory.
        out: (H, W) float32, 0 to 1, or uint8, 0 to 255, to fill and return. None: a new array of float32.
        threads: 1 to 1024; 0: ``runtime().threads``. Results do not depend on it.

    Images of more than 2,097,152 pixels, or 300,000 unknown ones, are reduced for it, and alpha is enlarged along their
    edges. It takes up to 0.6 GB meanwhile. Any number of threads may call it at the same time.

    Raises:
        TypeError, ValueError: another dtype or shape. FaceSegError: INVALID_ARGUMENT where nothing is known,
            OUT_OF_MEMORY.
    """
    photo = arrays.Photo(image, channels)
    known = arrays.numbers(trimap, "trimap", photo, [np.uint8])
    out = arrays.result(out, (photo.height, photo.width), [np.float32, np.uint8], photo)
    if np.shares_memory(out, known):
        raise ValueError("out shares memory with the trimap, which it is made from")
    options = c.faceseg_matte_options()
    library.faceseg_matte_options_init(options)
    options.threads = threads
    call(library.faceseg_matte, photo.struct, arrays.plane(known), arrays.plane(out), ctypes.byref(options))
    return out


def foreground(
    image: Any, alpha: Array, *, channels: str = "rgb", out: Optional[npt.NDArray[np.uint8]] = None
) -> npt.NDArray[np.uint8]:
    """Colours of the foreground alone, so that a cut-out has no halo (Germer et al., "Fast multi-level foreground
    estimation", 2020).

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> faceseg.foreground(photo, numpy.ones((48, 64), numpy.float32)).shape
    (48, 64, 3)

    Args:
        image: uint8 (H, W, 3), (H, W, 4) or (H, W), or a Pillow image; see :meth:`Session.run`.
        alpha: (H, W) float32, 0 to 1, or uint8, 0 to 255.
        channels: ``"rgb"`` or ``"bgr"``, the order in memory of the image; the result is R, G, B.
        out: (H, W, 3) uint8 to fill and return. None: a new array.

    Where alpha is 0 some colour near by. Any number of threads may call it at the same time.

    Raises:
        TypeError, ValueError: another dtype or shape. FaceSegError: OUT_OF_MEMORY.
    """
    photo = arrays.Photo(image, channels)
    given = arrays.numbers(alpha, "alpha", photo, [np.float32, np.uint8])
    out = arrays.result(out, (photo.height, photo.width, 3), [np.uint8], photo)
    call(library.faceseg_foreground, photo.struct, arrays.plane(given), arrays.plane(out, 3))
    return out
