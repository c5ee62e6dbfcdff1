"""Sessions: scratch memory that runs photos through a model."""

from __future__ import annotations

import ctypes
import threading
import weakref
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Callable, Iterator, Optional, Sequence

import numpy as np
import numpy.typing as npt

from . import _arrays as arrays
from . import _structs as c
from ._errors import FaceSegError, Status
from ._heads import Head
from ._library import call, library
from ._model import Model, built_in, c_text, choice, whole
from ._run import Progress, run_options, send, watched

TARGETS = {"face": c.FACE, "hair": c.HAIR, "head": c.HEAD}
PRECISIONS = {"exact": c.EXACT, "fast": c.FAST}
REFINEMENTS = {"none": c.REFINE_NONE, "guided": c.REFINE_GUIDED, "matting": c.REFINE_MATTING, "crf": c.REFINE_CRF}
OUTPUTS = ("labels", "probabilities", "alpha", "overlay")

Array = npt.NDArray[Any]


class Session:
    """Scratch memory for a model: run a photo once, then fetch as many results as wanted.

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> with faceseg.Session() as session:
    ...     session.run(photo)
    ...     session.labels().shape, session.alpha("hair").dtype
    ((48, 64), dtype('float32'))

    Args:
        model: None: the network inside the library.
        threads: 1 to 1024; 0: one a processor that this process may use.
        memory_limit: bytes of scratch memory; 0: no limit. A run that would take more computes layers by bands of
            rows, with the same results. Below the least that a size takes, which the message tells, it fails with
            OUT_OF_MEMORY.
        precision: ``"exact"``: Caffe's scores within 1e-4 of the largest; ``"fast"``: products of 16 bits, or
            of 8, where the processor has them (AVX-512 with VNNI and BF16), exact elsewhere: up to twice as fast,
            FCN-8s's scores within two hundredths of the largest. A model opened from bytes keeps them for the
            precision of its first session only.
        refine: how probabilities come to the photo's size. ``"guided"``: along the photo's own edges, by the guided
            filter with a guide of three colours (He, Sun and Tang, PAMI 2013, equations 14 to 19; He and Sun, "Fast
            guided filter", 2015); ``"matting"``: so, too, but alpha is found as :func:`faceseg.matte` finds it, in
            about a second for a million pixels; ``"crf"``: as :func:`faceseg.crf`, of more than 1,048,576 pixels over a
            reduced photo; ``"none"``: by linear interpolation.
        smallest_head: 8 to 4096: heads of so many pixels and more are looked for, and looked at one by one, in photos
            without a region; 0: of 24 in photos of more than a million pixels; -1: the photo is looked at as a whole
            only.
        steady: photos are frames of one video: uncertain pixels follow the frames before, along the picture's motion,
            so that masks do not flicker. A ``smallest_head`` of 0 is -1 then.

    A session locks itself: calls of several threads wait for one another, with the interpreter lock released. What
    ``run`` and a fetch of two threads do may still mix; :meth:`segment` does both in one. :meth:`cancel` never waits.
    A session keeps the memory of the two last photo sizes; for parallel work give each thread a session of its own
    over one model.

    The photo's memory is borrowed, not copied, until the next run or close: leave it unchanged until the last result
    is fetched. Results have the photo's own height, width and orientation.

    Raises:
        FaceSegError: FILE_ERROR or MODEL_ERROR from reading the model's weights.
        TypeError: a model that is not one: a file is opened by :class:`Model` first.
        ValueError: a number out of its range, or a closed model.
    """

    def __init__(
        self,
        model: Optional[Model] = None,
        *,
        threads: int = 0,
        memory_limit: int = 0,
        precision: str = "exact",
        refine: str = "guided",
        smallest_head: int = 0,
        steady: bool = False,
    ) -> None:
        if model is not None and not isinstance(model, Model):
            raise TypeError(f"model is a {type(model).__name__}; open a file first: model=faceseg.Model(path)")
        self._model = built_in() if model is None else model
        self._lock = threading.RLock()  # so that a progress function or a signal's handler is told, not locked out
        self._is_busy = False
        self._photo: Optional[arrays.Photo] = None  # of the last run, where results are to be had
        options = c.faceseg_session_options()
        library.faceseg_session_options_init(options)
        options.threads = whole(threads, "threads", 0, 1024)
        options.memory_limit = whole(memory_limit, "memory_limit", 0, 2**64 - 1)
        options.precision = choice("precision", precision, PRECISIONS)
        options.refinement = choice("refine", refine, REFINEMENTS)
        if 0 < whole(smallest_head, "smallest_head", -1, 4096) < 8:
            raise ValueError(f"smallest_head is {smallest_head}; -1, 0 or 8 to 4096 is wanted")
        options.smallest_head = smallest_head
        options.steady = bool(steady)
        pointer = ctypes.c_void_p()
        with self._model._borrowed() as model_pointer:
            call(library.faceseg_session_open, model_pointer, options, pointer)
        self._pointer: Optional[ctypes.c_void_p] = pointer
        self._pointer_lock = threading.RLock()  # between cancel and close
        self._closing = weakref.finalize(self, library.faceseg_session_close, pointer)
        self._closing.atexit = False  # other threads may still be in a call then

    @property
    def model(self) -> Model:
        """The model it was opened with."""
        return self._model

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._pointer is None

    def run(
        self,
        image: Any,
        *,
        channels: str = "rgb",
        region: Optional[Sequence[float]] = None,
        orientation: int = 0,
        progress: Optional[Progress] = None,
    ) -> None:
        """Segments a photo.

        Args:
            image: uint8, (H, W, 3), (H, W, 4) with alpha passed over, or (H, W) grey; sides of 1 to 16384. Pixels that
                touch, in rows any positive stride apart, are used where they lie; other views are copied once. A
                Pillow image does too: modes L, RGB and RGBA directly, others of 8 bits converted to RGB.
            channels: ``"rgb"`` or ``"bgr"``, the order in memory. Grey has none.
            region: (x, y, width, height) or with an angle, see :class:`Region`; outside it all is background. None:
                the whole photo.
            orientation: 0, 90, 180 or 270: the clockwise turn that makes the photo upright. Results are not turned.
            progress: called in this thread with the share that is done, 0 to 1. False cancels, as an exception does,
                which is then raised here. It must not call its own session, except :meth:`cancel`.

        Raises:
            TypeError: another dtype. ValueError: another shape, or an argument out of its range.
            FaceSegError: INVALID_ARGUMENT for a region out of bounds, SHAPE_ERROR for a network that takes no such
                photo, OUT_OF_MEMORY, CANCELLED. There is no result then.
        """
        photo, options = arrays.Photo(image, channels), run_options(region, orientation)
        with self._held() as pointer:
            self._run(pointer, photo, options, progress)

    def labels(self, out: Optional[npt.NDArray[np.uint8]] = None) -> npt.NDArray[np.uint8]:
        """The likeliest class of each pixel: (H, W) uint8, numbers as in ``model.class_names``; for the built-in
        network 0 background, 1 face (skin, ears, neck), 2 hair.

        Args:
            out: (H, W) uint8 to fill and return, pixels touching, rows any positive stride apart.

        Raises:
            FaceSegError: NO_RESULT without a run before. TypeError, ValueError: an ``out`` that does not fit.
        """
        with self._held() as pointer:
            return self._labels(pointer, out)

    def probabilities(self, out: Optional[Array] = None) -> Array:
        """Probabilities of all classes: (C, H, W) float32, 0 to 1, which add up to 1 in each pixel.

        Args:
            out: (C, H, W) float32, or uint8 for 0 to 255, to fill and return; planes may lie anywhere.

        Raises:
            FaceSegError: NO_RESULT without a run before. TypeError, ValueError: an ``out`` that does not fit.
        """
        with self._held() as pointer:
            return self._probabilities(pointer, out)

    def probability(self, index: int, out: Optional[Array] = None) -> Array:
        """Probability of one class: (H, W) float32, 0 to 1.

        Args:
            index: of the class, from 0.
            out: (H, W) float32, or uint8 for 0 to 255, to fill and return.

        Raises:
            FaceSegError: NO_RESULT without a run before, INVALID_ARGUMENT without such a class.
            TypeError, ValueError: an ``out`` that does not fit.
        """
        index = whole(index, "index", 0, 2**31 - 1)
        with self._held() as pointer:
            return self._plane(pointer, library.faceseg_get_probability, index, out)

    def alpha(self, target: str = "head", out: Optional[Array] = None) -> Array:
        """How much of each pixel belongs to a target: (H, W) float32, 0 to 1. Of the probabilities a quarter and less is
        nothing, three quarters and more all, so that what the network hardly believes leaves no shadow.

        Args:
            target: ``"face"``, ``"hair"`` or ``"head"``, which is both. The model's classes of these names count, or
                where it has none, classes 1 and 2.
            out: (H, W) float32, or uint8 for 0 to 255, to fill and return.

        Raises:
            FaceSegError: NO_RESULT without a run before, INVALID_ARGUMENT if the model has no such class.
            TypeError, ValueError: an ``out`` that does not fit, or another target.
        """
        number = _target(target)
        with self._held() as pointer:
            return self._plane(pointer, library.faceseg_get_alpha, number, out)

    def overlay(self, out: Optional[npt.NDArray[np.uint8]] = None) -> npt.NDArray[np.uint8]:
        """The photo with each class but 0 painted over it, half transparent, in the VOC palette: (H, W, 3) uint8,
        R, G, B whatever the photo's channels were. Reads the photo again.

        Args:
            out: (H, W, 3) uint8 to fill and return.

        Raises:
            FaceSegError: NO_RESULT without a run before. TypeError, ValueError: an ``out`` that does not fit.
        """
        with self._held() as pointer:
            return self._overlay(pointer, out)

    def heads(self, out: Optional[npt.NDArray[np.uint8]] = None) -> list[Head]:
        """The heads of the last photo one by one, larger ones first. Faces that touch are one head; hair between two
        faces is the nearer one's.

        Args:
            out: (H, W) uint8 that gets the number of the head at each pixel, 0 where there is none.

        Raises:
            FaceSegError: NO_RESULT without a run before, INVALID_ARGUMENT for a model without classes named face and
                hair. TypeError, ValueError: an ``out`` that does not fit.
        """
        with self._held() as pointer:
            plane = None if out is None else arrays.plane(self._result(out, [np.uint8]))
            found, count = (c.faceseg_head * c.MOST_HEADS)(), ctypes.c_size_t()
            call(library.faceseg_get_heads, pointer, plane, found, len(found), count)
            return [
                Head(h.number, h.x, h.y, h.width, h.height, h.confidence, h.face_area, h.hair_area)
                for h in found[: count.value]
            ]

    def segment(
        self,
        image: Any,
        *,
        output: str = "labels",
        channels: str = "rgb",
        out: Optional[Array] = None,
        region: Optional[Sequence[float]] = None,
        orientation: int = 0,
        target: str = "head",
        progress: Optional[Progress] = None,
    ) -> Array:
        """:meth:`run` and one result, with no other thread's run between them.

        Args:
            output: ``"labels"``, ``"probabilities"``, ``"alpha"`` (of ``target``) or ``"overlay"``.
            out: as the method of that name takes it.
            image, channels, region, orientation, progress: see :meth:`run`. target: see :meth:`alpha`.

        Raises:
            FaceSegError, TypeError, ValueError: as :meth:`run` and the method of the output.
        """
        fetch = _fetch(output, _target(target))
        photo, options = arrays.Photo(image, channels), run_options(region, orientation)
        with self._held() as pointer:
            self._run(pointer, photo, options, progress)
            return fetch(self, pointer, out)

    def forward(self, inputs: arrays.Inputs, blob: Optional[str] = None) -> npt.NDArray[np.float32]:
        """Forward pass as Caffe runs it: numbers in, numbers out, no means and no scale.

        Args:
            inputs: one float32 array, or one for each input of the network in its order, of any shape that it takes
                (usually N, C, H, W). Not contiguous: copied once.
            blob: name of the blob that is wanted. None: the one that no layer consumes; of several the one called
                "score", else the first.

        Returns:
            float32, an array that owns its data. A photo's results are gone afterwards.

        Raises:
            FaceSegError: INVALID_ARGUMENT for an unknown blob, SHAPE_ERROR for a shape that the network does not
                take, OUT_OF_MEMORY, CANCELLED. TypeError: another dtype. ValueError: an empty array.
        """
        tensors, name = arrays.Tensors(inputs), None if blob is None else c_text(blob, "blob")
        output = c.faceseg_tensor()
        with self._held() as pointer:
            self._photo = None
            call(library.faceseg_forward, pointer, tensors.structs, len(tensors.structs), name, output)
            return arrays.copied(output)

    def begin_video(self) -> None:
        """Makes the next photo of a steady session the first of a video. Cuts, and photos of another size, format,
        region or orientation, are noticed without."""
        with self._held() as pointer:
            library.faceseg_session_begin_video(pointer)

    def cancel(self) -> None:
        """Makes a run that is under way in another thread end early with CANCELLED. Never waits; without a run
        nothing happens. The session works afterwards."""
        with self._pointer_lock:
            if self._pointer is not None:
                library.faceseg_session_cancel(self._pointer)

    def close(self) -> None:
        """Frees the memory and lets go of the photo, after a run in another thread has ended. Again: nothing
        happens."""
        if self.closed:
            return
        with self._alone(), self._pointer_lock:
            self._pointer = self._photo = None
            self._closing()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError("a faceseg.Session cannot be copied or pickled: open another over its model")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            if self._is_busy:
                raise RuntimeError(
                    "the session is busy: a progress function, or a signal's handler, called it from within a call of "
                    "its own; open another over its model"
                )
            try:
                self._is_busy = True
                yield
            finally:
                self._is_busy = False

    @contextmanager
    def _held(self) -> Iterator[ctypes.c_void_p]:
        with self._alone():
            if self._pointer is None:
                raise ValueError("the session is closed")
            yield self._pointer

    # Below, the session is held already and `pointer` is its own.

    def _run(
        self,
        pointer: ctypes.c_void_p,
        photo: arrays.Photo,
        options: c.faceseg_run_options,
        progress: Optional[Progress],
    ) -> None:
        raised: list[BaseException] = []
        if progress is not None:
            watch = watched(progress, raised)
            next(watch)
            options.progress, options.progress_context = send, id(watch)
        before, self._photo = self._photo, None  # its memory is borrowed until the run begins
        try:
            call(library.faceseg_run, pointer, photo.struct, options)
        except FaceSegError:
            if not raised:
                raise
        del before
        if raised:
            raise raised.pop()
        self._photo = photo

    def _result(self, out: Optional[Array], types: Sequence[type], classes: int = 0, depth: int = 0) -> Array:
        """Where a result of the last photo goes: (H, W), (classes, H, W) or (H, W, depth)."""
        photo = self._photo
        if photo is None:
            raise FaceSegError(Status.NO_RESULT, "no result: run a photo first")
        shape = (classes,) * bool(classes) + (photo.height, photo.width) + (depth,) * bool(depth)
        return arrays.result(out, shape, types, photo)

    def _labels(self, pointer: ctypes.c_void_p, out: Optional[Array]) -> Array:
        out = self._result(out, [np.uint8])
        call(library.faceseg_get_labels, pointer, arrays.plane(out))
        return out

    def _plane(self, pointer: ctypes.c_void_p, function: Any, which: int, out: Optional[Array]) -> Array:
        out = self._result(out, [np.float32, np.uint8])
        call(function, pointer, which, arrays.plane(out))
        return out

    def _probabilities(self, pointer: ctypes.c_void_p, out: Optional[Array]) -> Array:
        count = len(self._model.class_names) or (out.ndim == 3 and len(out) if isinstance(out, np.ndarray) else 0)
        if not count:
            raise ValueError("the model does not say how many classes it has: pass an out of (C, H, W)")
        out = self._result(out, [np.float32, np.uint8], classes=count)
        planes = [arrays.plane(one) for one in out]  # all are looked at before one is filled
        for index, plane in enumerate(planes):
            call(library.faceseg_get_probability, pointer, index, plane)
        return out

    def _overlay(self, pointer: ctypes.c_void_p, out: Optional[Array]) -> Array:
        out = self._result(out, [np.uint8], depth=3)
        call(library.faceseg_get_overlay, pointer, arrays.plane(out, 3))
        return out


def _fetch(output: str, target: int) -> Callable[[Session, ctypes.c_void_p, Optional[Array]], Array]:
    if output == "labels":
        return Session._labels
    if output == "probabilities":
        return Session._probabilities
    if output == "overlay":
        return Session._overlay
    if output == "alpha":
        return lambda session, pointer, out: session._plane(pointer, library.faceseg_get_alpha, target, out)
    raise ValueError(f"output is {output!r}; one of {', '.join(OUTPUTS)} is wanted")


def _target(target: str) -> int:
    return choice("target", target, TARGETS)
