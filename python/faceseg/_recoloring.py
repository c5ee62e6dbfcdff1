"""Hair, skin, or whatever an alpha shows in another colour. No model is needed."""

from __future__ import annotations

import ctypes
import re
from typing import Any, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from . import _arrays as arrays
from . import _structs as c
from ._library import call, library
from ._session import Array


def recolor(
    image: Any,
    alpha: Array,
    color: Union[str, Sequence[int]],
    *,
    strength: float = 1.0,
    channels: str = "rgb",
    out: Optional[npt.NDArray[np.uint8]] = None,
    threads: int = 0,
) -> npt.NDArray[np.uint8]:
    """The image with what alpha shows in another colour that keeps shading, highlights and strands.

    >>> import faceseg, numpy
    >>> photo = numpy.full((48, 64, 3), 40, numpy.uint8)
    >>> hair = faceseg.segment(photo, output="alpha", target="hair")
    >>> faceseg.recolor(photo, hair, "#8a2be2").shape
    (48, 64, 3)

    In OKLab (Ottosson, 2020) the middle lightness of what alpha shows becomes the colour's; black stays black and white
    white, so black hair can become blond.

    Args:
        image: uint8 (H, W, 3), (H, W, 4) or (H, W), or a Pillow image; see :meth:`Session.run`.
        alpha: (H, W) float32, 0 to 1, or uint8, 0 to 255: what is recoloured.
        color: ``"#rrggbb"``, or red, green and blue of 0 to 255.
        strength: how much of the colour is mixed in, 0 to 1.
        channels: ``"rgb"`` or ``"bgr"``, the order in memory of the image; the result is R, G, B.
        out: (H, W, 3) uint8 to fill and return. None: a new array.
        threads: 1 to 1024; 0: ``runtime().threads``. Results do not depend on it.

    Where alpha is 0 pixels stay as they are. Any number of threads may call it at the same time.

    Raises:
        TypeError, ValueError: another dtype or shape, or a colour of another form. FaceSegError: INVALID_ARGUMENT for a
            strength out of range, OUT_OF_MEMORY.
    """
    photo = arrays.Photo(image, channels)
    given = arrays.numbers(alpha, "alpha", photo, [np.float32, np.uint8])
    out = arrays.result(out, (photo.height, photo.width, 3), [np.uint8], photo)
    options = c.faceseg_recolor_options()
    library.faceseg_recolor_options_init(options)
    options.threads, options.strength = threads, strength
    call(
        library.faceseg_recolor,
        photo.struct,
        arrays.plane(given),
        _number(color),
        arrays.plane(out, 3),
        ctypes.byref(options),
    )
    return out


def _number(color: Union[str, Sequence[int]]) -> int:
    """0xRRGGBB."""
    if isinstance(color, str):
        if not re.fullmatch("#[0-9a-fA-F]{6}", color):
            raise ValueError(f'color is {color!r}; "#rrggbb" is wanted')
        return int(color[1:], 16)
    red, green, blue = color
    if not all(0 <= value <= 255 for value in (red, green, blue)):
        raise ValueError(f"color is {tuple(color)}; three numbers of 0 to 255 are wanted")
    return int(red) << 16 | int(green) << 8 | int(blue)
