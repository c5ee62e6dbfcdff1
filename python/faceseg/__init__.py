"""Face, hair and background of a photo, on the CPU, in your own process.

>>> import faceseg, numpy
>>> photo = numpy.zeros((480, 640, 3), numpy.uint8)  # your photo: RGB, or a Pillow image
>>> labels = faceseg.segment(photo)                  # 0 background, 1 face, 2 hair
>>> labels.shape, labels.dtype
((480, 640), dtype('uint8'))

:func:`segment` does it in one call, :func:`map` for many photos at once. :class:`Session` runs a photo once and gives
several results of it, tells its progress and can be cancelled. :func:`plot` draws results. :class:`Model` opens Caffe
files. :func:`runtime` says what the library found on this machine. Errors of the library are :class:`FaceSegError`;
arguments of the wrong kind are TypeError and ValueError.

The program is BSD-2-Clause; the built-in network's weights are for research and non-commercial use.
"""

from ._crf import crf
from ._errors import FaceSegError, Status
from ._library import Runtime, runtime
from ._map import map as map
from ._model import Model
from ._segment import segment
from ._run import Region
from ._heads import Head
from ._session import Session
from ._matting import foreground, matte
from ._recoloring import recolor
from ._plot import plot, show

__version__ = "0.1.0"
# Without map, which `from faceseg import *` would put in the place of Python's own.
__all__ = [
    "FaceSegError",
    "Head",
    "Model",
    "Region",
    "Runtime",
    "Session",
    "Status",
    "crf",
    "foreground",
    "matte",
    "plot",
    "recolor",
    "runtime",
    "segment",
    "show",
]
