"""Models: networks that were opened. Immutable, shared by any number of threads."""

from __future__ import annotations

import ctypes
import math
import operator
import os
import threading
import weakref
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Iterator, Optional, Sequence, Union

import numpy as np

from . import _structs as c
from ._library import call, library, text

Path = Union[str, "os.PathLike[str]"]


class Model:
    """A network with its weights: the built-in one, or a Caffe file's.

    >>> import faceseg
    >>> faceseg.Model().class_names
    ('background', 'face', 'hair')

    Args:
        path: a ``.caffemodel`` as Caffe, FCN, FaceFCN and TextFCN wrote them. Its headers are read now, its weights
            when the first session is opened; the file stays open until then.
        prototxt: path of the network's description, where the caffemodel's own is not wanted.
        data: the bytes of a ``.caffemodel`` instead of a path, any buffer. What is needed is copied.
        means: B, G, R, subtracted from 0..255. None: what the file says, else FaceFCN's.
        scale: multiplied afterwards. None: what the file says, else 1.
        working_size: longest side of a photo in the network, 1 to 4096; -1: the photo's own. None: what the file
            says, else 512.
        reduce_size: longest side that a photo is reduced to before that, 1 to 4096; -1: none. None: what the file
            says, else 250.
        class_names: one a class. None: what the file says, else background, face, hair for three classes and
            ``class 0``, ``class 1`` and so on for other counts.
        network: which of the library's own: "standard", or "small" with a quarter of its arithmetic, for weak machines.

    Without path and data it is a network inside the library, which takes none of the other options.

    A session keeps what it needs of its model, so the order of closing does not matter. Any number of threads may use
    one model at the same time.

    Raises:
        FaceSegError: FILE_ERROR for a file that cannot be read or is damaged, MODEL_ERROR for a network that
            contradicts itself or has an unknown layer, INVALID_ARGUMENT for an option out of its range.
        TypeError, ValueError: an argument of the wrong kind.
    """

    def __init__(
        self,
        path: Optional[Path] = None,
        *,
        prototxt: Optional[Path] = None,
        data: Any = None,
        means: Optional[Sequence[float]] = None,
        scale: Optional[float] = None,
        working_size: Optional[int] = None,
        reduce_size: Optional[int] = None,
        class_names: Optional[Sequence[str]] = None,
        network: str = "standard",
    ) -> None:
        self._lock = threading.RLock()  # a signal's handler or a __del__ may come upon its own thread in a call
        _models.add(self)
        asked = [prototxt, means, scale, working_size, reduce_size, class_names]
        if path is None and data is None and any(value is not None for value in asked):
            raise ValueError("the built-in network takes no options: name a file in path, or its bytes in data")
        if path is not None and data is not None:
            raise ValueError("path and data are both given; one is wanted")
        if network not in _NETWORKS:
            raise ValueError(f"network {network!r} is not {' or '.join(map(repr, _NETWORKS))}")
        if network != "standard" and (path is not None or data is not None):
            raise ValueError(f"network {network!r} and a file are both given; one is wanted")
        options = _options(prototxt, means, scale, working_size, reduce_size, class_names)
        pointer = ctypes.c_void_p()
        if path is not None:
            call(library.faceseg_model_open, path_bytes(path, "path"), options, pointer)
        elif data is not None:
            held = np.frombuffer(memoryview(data), np.uint8)
            call(library.faceseg_model_open_memory, held.ctypes.data, held.size, options, pointer)
        else:
            call(_NETWORKS[network], pointer)
        self._pointer: Optional[ctypes.c_void_p] = pointer
        self._closing = weakref.finalize(self, library.faceseg_model_close, pointer)
        self._closing.atexit = False  # other threads may still be in a call then
        # A net of more classes than labels have bytes names none.
        count = library.faceseg_model_class_count(pointer)
        count = count if count <= 256 else 0
        self._class_names = tuple(text(library.faceseg_model_class_name(pointer, i)) for i in range(count))
        self._parameter_count = int(library.faceseg_model_parameter_count(pointer))
        self._texts = [text(library.faceseg_model_text(pointer, which)) for which in range(c.TEXT_ACCURACY + 1)]

    # What a model says of itself was read on opening: it can be asked for after closing too.

    @property
    def class_names(self) -> tuple[str, ...]:
        """One a class, in the order of labels; empty where the file does not tell how many classes it has."""
        return self._class_names

    @property
    def parameter_count(self) -> int:
        """Weights, counted as numbers."""
        return self._parameter_count

    @property
    def name(self) -> str:
        """The network's name; ``""`` if it has none."""
        return self._texts[c.TEXT_NAME]

    @property
    def version(self) -> str:
        """Of the weights; ``""`` if the file says nothing."""
        return self._texts[c.TEXT_VERSION]

    @property
    def license(self) -> str:
        """What the weights may be used for; ``""`` if the file says nothing."""
        return self._texts[c.TEXT_LICENSE]

    @property
    def description(self) -> str:
        """``""`` if the file says nothing."""
        return self._texts[c.TEXT_DESCRIPTION]

    @property
    def accuracy(self) -> str:
        """How well it was measured to do; ``""`` if the file says nothing."""
        return self._texts[c.TEXT_ACCURACY]

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called. New sessions cannot be opened then."""
        return self._pointer is None

    @contextmanager
    def _borrowed(self) -> Iterator[ctypes.c_void_p]:
        """The handle, which cannot be closed meanwhile."""
        with self._lock:
            if self._pointer is None:
                raise ValueError("the model is closed")
            yield self._pointer

    def close(self) -> None:
        """Lets go of the network. Sessions that were opened with it go on working. Again: nothing happens."""
        with self._lock:
            self._pointer = None
            self._closing()

    def __enter__(self) -> Model:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError("a faceseg.Model cannot be copied or pickled: share it, or open it again")

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{self.parameter_count} weights"
        return f"<faceseg.Model {self.name!r}, {', '.join(self.class_names) or 'classes unknown'}, {state}>"


_NETWORKS = {"standard": library.faceseg_model_open_builtin, "small": library.faceseg_model_open_builtin_small}
_models: weakref.WeakSet[Model] = weakref.WeakSet()
_shared: Optional[Model] = None
_shared_lock = threading.RLock()


def built_in() -> Model:
    """The built-in network, opened once and then shared."""
    global _shared
    with _shared_lock:
        if _shared is None or _shared.closed:
            _shared = Model()
        return _shared


def _free_locks() -> None:
    """In a forked child: a thread that held one is not there."""
    global _shared_lock
    _shared_lock = threading.RLock()
    for model in list(_models):
        model._lock = threading.RLock()


os.register_at_fork(after_in_child=_free_locks)


def _options(
    prototxt: Optional[Path],
    means: Optional[Sequence[float]],
    scale: Optional[float],
    working_size: Optional[int],
    reduce_size: Optional[int],
    class_names: Optional[Sequence[str]],
) -> c.faceseg_model_options:
    options = c.faceseg_model_options()
    library.faceseg_model_options_init(options)
    if prototxt is not None:
        options.prototxt_path = path_bytes(prototxt, "prototxt")
    if means is not None:
        if len(means) != 3:
            raise ValueError(f"means has {len(means)} numbers; 3 are wanted, B, G, R")
        options.mean[:] = [finite(mean, "means") for mean in means]
    if scale is not None:
        options.scale = finite(scale, "scale")
    if working_size is not None:
        options.working_size = _size(working_size, "working_size")
    if reduce_size is not None:
        options.reduce_size = _size(reduce_size, "reduce_size")
    if class_names is not None:
        options.class_names = _names(class_names)
    return options


def _size(value: int, name: str) -> int:
    if value == 0:  # which would mean the default
        raise ValueError(f"{name} is 0; 1 to 4096 is wanted, or -1 for none")
    return whole(value, name, -1, 4096)


def _names(names: Sequence[str]) -> bytes:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise TypeError("class_names is wanted as a sequence of str, one a class")
    if not names or any("," in name for name in names):
        raise ValueError(f"class_names {list(names)} is wanted with one name or more, none with a comma")
    return c_text(",".join(names), "class_names")


def path_bytes(path: Path, name: str) -> bytes:
    """A path as the library takes it."""
    return c_text(os.fsdecode(path), name)


def c_text(value: str, name: str) -> bytes:
    """A C string. What lies behind a 0 would silently be lost."""
    if "\0" in value:
        raise ValueError(f"{name} {value!r} has a 0 character")
    return value.encode("utf-8", "surrogateescape")


def finite(value: float, name: str) -> float:
    """NaN would mean the default."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} {number} is not finite")
    return number


def choice(name: str, value: str, choices: dict[str, int]) -> int:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; one of {', '.join(choices)} is wanted")
    return choices[value]


def whole(value: int, name: str, least: int, most: int) -> int:
    """ctypes would cut off what does not fit."""
    number = operator.index(value)
    if not least <= number <= most:
        raise ValueError(f"{name} {number} is not between {least} and {most}")
    return number
