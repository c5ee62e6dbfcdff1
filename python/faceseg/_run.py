"""What a run is given: a part of the photo, its orientation, a progress function. Not the run itself."""

from __future__ import annotations

from types import GeneratorType
from typing import Any, Callable, Generator, NamedTuple, Optional, Sequence

import numpy as np

from . import _structs as c
from ._library import library
from ._model import finite

Progress = Callable[[float], Optional[bool]]


class Region(NamedTuple):
    """A part of the photo, in its pixels: a rectangle, and a turn about its own centre.

    A plain tuple of four or five numbers does as well.
    """

    x: float
    """Left edge before the turn."""
    y: float
    """Upper edge before the turn."""
    width: float
    """1 or more; the region may reach beyond the photo."""
    height: float
    angle: float = 0.0
    """Degrees, clockwise: how far the content is turned."""


def run_options(region: Optional[Sequence[float]], orientation: int) -> c.faceseg_run_options:
    options = c.faceseg_run_options()
    library.faceseg_run_options_init(options)
    if orientation not in (0, 90, 180, 270):
        raise ValueError(f"orientation is {orientation!r}; 0, 90, 180 or 270 is wanted")
    options.orientation = int(orientation)
    if region is not None:
        numbers = [finite(number, "region") for number in region]
        if len(numbers) not in (4, 5):
            raise ValueError(f"region has {len(numbers)} numbers; x, y, width, height and perhaps an angle are wanted")
        options.has_region, options.region = 1, c.faceseg_region(*numbers)
    return options


def watched(progress: Progress, raised: list[BaseException]) -> Generator[int, float, None]:
    """What C calls, by :data:`send`. ctypes would print and drop what it raises: that is kept for later."""
    answer = 0
    while True:
        try:
            # Above all KeyboardInterrupt, which may come at any step: so each of them is within the try.
            done = yield answer
            answer = _is_false(progress(done))
        except GeneratorExit:
            return
        except BaseException as error:
            raised.append(error)
            answer = 1


def _is_false(value: Any) -> int:
    """Python's False or numpy's, which a comparison of an array's numbers gives; not 0 or an empty text."""
    return int(isinstance(value, (bool, np.bool_)) and not value)


# With the generator as its context: so no function of Python's begins outside the generator's try, where an exception
# of a signal's handler would be lost.
send = c.ProgressFunction(GeneratorType.send)
