"""The one-call form: a photo in, one result out, with a session that each thread keeps."""

from __future__ import annotations

import threading
from typing import Any, Optional, Sequence

from ._model import Model
from ._session import Array, Session

_local = threading.local()


def segment(
    image: Any,
    *,
    output: str = "labels",
    channels: str = "rgb",
    out: Optional[Array] = None,
    region: Optional[Sequence[float]] = None,
    orientation: int = 0,
    model: Optional[Model] = None,
    target: str = "head",
    refine: str = "guided",
) -> Array:
    """Face, hair and background of a photo, in one call.

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> faceseg.segment(photo).shape
    (48, 64)
    >>> faceseg.segment(photo, output="probabilities").shape
    (3, 48, 64)

    Args:
        image: uint8 (H, W, 3), (H, W, 4) or (H, W), or a Pillow image; see :meth:`Session.run`.
        output: ``"labels"``: (H, W) uint8, 0 background, 1 face, 2 hair for the built-in network.
            ``"probabilities"``: (C, H, W) float32, 0 to 1. ``"alpha"``: (H, W) float32, 0 to 1, of ``target``.
            ``"overlay"``: (H, W, 3) uint8, the photo with its classes painted over it.
        channels: ``"rgb"`` or ``"bgr"``, the order in memory.
        out: an array of that shape and dtype to fill and return; see the methods of :class:`Session`.
        region: (x, y, width, height) or with an angle, see :class:`Region`; outside it all is background.
        orientation: 0, 90, 180 or 270: the clockwise turn that makes the photo upright. Results are not turned.
        model: None: the network inside the library.
        target: ``"face"``, ``"hair"`` or ``"head"``.
        refine: ``"guided"``: edges follow the photo's; ``"matting"``: alpha is as fine as the photo; ``"crf"``: by a
            dense CRF, slower; ``"none"``: edges are only enlarged. See :class:`Session`.

    Any number of threads may call it at the same time. Each thread keeps one session for the built-in network and each
    ``refine``, so that repeated calls plan nothing anew; its scratch memory (``faceseg info`` says how much: 3.7 MB
    with two threads) and the rows of its photos are freed when the thread ends. A model of your own gets a session a
    call: for many photos open a :class:`Session`. The photo is not kept.

    Raises:
        TypeError: another dtype. ValueError: another shape, or an argument out of its range.
        FaceSegError: as :meth:`Session.run`.
    """
    if model is not None:
        with Session(model, refine=refine) as session:
            return session.segment(
                image, output=output, channels=channels, out=out, region=region, orientation=orientation, target=target
            )
    session = _thread_session(refine)
    try:
        return session.segment(
            image, output=output, channels=channels, out=out, region=region, orientation=orientation, target=target
        )
    finally:
        session._photo = None


def _thread_session(refine: str) -> Session:
    if not hasattr(_local, "sessions"):
        _local.sessions = {}
    sessions: dict[str, Session] = _local.sessions
    if refine not in sessions:
        sessions[refine] = Session(refine=refine)
    return sessions[refine]
