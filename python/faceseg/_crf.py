"""The dense CRF: maps of probabilities that agree with a photo. No model is needed."""

from __future__ import annotations

import ctypes
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from . import _arrays as arrays
from . import _structs as c
from ._library import call, library


def crf(
    image: Any,
    probabilities: npt.NDArray[np.float32],
    *,
    appearance_weight: float = 10,
    appearance_distance: float = 80,
    color_distance: float = 13,
    smoothness_weight: float = 3,
    smoothness_distance: float = 3,
    rounds: int = 10,
    channels: str = "rgb",
    out: Optional[npt.NDArray[np.float32]] = None,
    threads: int = 0,
) -> npt.NDArray[np.float32]:
    """Probabilities of classes such that pixels of like colours and near places agree: the fully connected conditional
    random field by mean field (Kraehenbuehl and Koltun, NIPS 2011), its sums on the permutohedral lattice (Adams, Baek
    and Davis, 2010).

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> faceseg.crf(photo, numpy.full((2, 48, 64), 0.5, numpy.float32)).shape
    (2, 48, 64)

    Args:
        image: uint8 (H, W, 3), (H, W, 4) or (H, W), or a Pillow image; see :meth:`Session.run`.
        probabilities: (C, H, W) float32, 1 to 256 classes. Any numbers: below 1e-5, and NaN, they count as that.
        appearance_weight: 0 to 1000: how much pixels of like colour and near place want the same label, the paper's w1.
        appearance_distance: 0.01 to 100000 pixels: how far such pixels reach, theta alpha.
        color_distance: 0.01 to 100000, of 255: how unlike their colours may be, theta beta.
        smoothness_weight: 0 to 1000: how much near pixels of any colour want the same label, w2.
        smoothness_distance: 0.01 to 100 pixels: how far they reach, theta gamma.
        rounds: 0 to 1000, of mean field.
        channels: ``"rgb"`` or ``"bgr"``, the order in memory.
        out: (C, H, W) float32 to fill and return; may be ``probabilities``. None: a new array.
        threads: 1 to 1024; 0: ``runtime().threads``. Results do not depend on it.

    The interpreter lock is released meanwhile. Any number of threads may call it at the same time.

    Raises:
        TypeError, ValueError: another dtype or shape. FaceSegError: INVALID_ARGUMENT for a number out of its range,
            OUT_OF_MEMORY.
    """
    photo = arrays.Photo(image, channels)
    if not isinstance(probabilities, np.ndarray) or probabilities.dtype != np.float32:
        raise TypeError("probabilities must be a numpy array of float32")
    if probabilities.ndim != 3 or probabilities.shape[1:] != (photo.height, photo.width):
        raise ValueError(f"probabilities has shape {probabilities.shape}; (C, {photo.height}, {photo.width}) is wanted")
    if not 1 <= len(probabilities) <= 256:
        raise ValueError(f"probabilities has {len(probabilities)} classes; 1 to 256 are wanted")
    out = arrays.result(out, probabilities.shape, [np.float32], photo)
    planes = (c.faceseg_plane * len(out))(*(arrays.plane(one) for one in out))
    options = c.faceseg_crf_options()
    library.faceseg_crf_options_init(options)
    options.appearance_weight, options.appearance_distance = appearance_weight, appearance_distance
    options.color_distance, options.smoothness_weight = color_distance, smoothness_weight
    options.smoothness_distance, options.rounds, options.threads = smoothness_distance, rounds, threads
    if out is not probabilities:
        np.copyto(out, probabilities)
    call(library.faceseg_crf, photo.struct, planes, len(out), ctypes.byref(options))
    return out
