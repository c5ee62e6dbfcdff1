"""Many photos: results in order, from a thread a processor. Not how one photo is segmented, which is Session's."""

from __future__ import annotations

import operator
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from threading import Event
from typing import Any, Callable, Iterable, Iterator, Optional

from ._library import library
from ._model import Model, whole
from ._session import OUTPUTS, Session, _target

#: What is done with a photo: (session, photo) to a result.
Each = Callable[[Session, Any], Any]


def map(
    photos: Iterable[Any],
    each: Optional[Each] = None,
    *,
    output: str = "labels",
    channels: str = "rgb",
    target: str = "head",
    model: Optional[Model] = None,
    precision: str = "exact",
    refine: str = "guided",
    smallest_head: int = 0,
    threads: int = 0,
    workers: int = 0,
    ahead: int = 0,
    on_error: str = "raise",
) -> Iterator[Any]:
    """Segments many photos at once; yields their results in the photos' order.

    >>> import faceseg, numpy
    >>> photos = [numpy.zeros((20, 30, 3), numpy.uint8), numpy.zeros((40, 10, 3), numpy.uint8)]
    >>> for labels in faceseg.map(photos):
    ...     print(labels.shape)
    (20, 30)
    (40, 10)

    What else is wanted of a photo, ``each`` says. It gets a session of its thread and the photo:

    >>> def heads(session, photo):
    ...     session.run(photo)
    ...     return session.heads()
    >>> list(faceseg.map(photos, heads))
    [[], []]

    A photo that fails, a file that is broken say, need not end it:

    >>> for result in faceseg.map(["nowhere.jpg", photos[0]], on_error="return"):
    ...     print(type(result).__name__)
    FileNotFoundError
    ndarray

    Args:
        photos: arrays or Pillow images as :meth:`Session.run` takes them, or paths of files that Pillow reads, in any
            mixture, from any iterable. It is read in the caller's thread and only as far as ``ahead`` lets it; files
            are read in the workers' threads and turned upright by their EXIF data, as the command line does.
        each: called in a worker's thread as ``each(session, photo)``, where a path's photo is a Pillow image already;
            what it returns is the result. The session is its own until it returns. None: ``session.segment``.
        output, channels, target: see :meth:`Session.segment`; ``channels`` is of arrays. Only without ``each``.
        model: None: the network inside the library. All workers share it.
        precision, refine, smallest_head: see :class:`Session`.
        threads: of all workers together, 1 to 1024; 0: one a processor that this process may use.
        workers: photos that are worked on at the same time, 1 to 1024; 0: as many as threads, or as photos if those are
            fewer. Each has a thread, a session and its share of ``threads``, at least one.
        ahead: photos that are taken before the caller has come to their result, at most, 1 or more; 0: two a worker.
        on_error: ``"raise"``: what a photo raises is raised in its turn, and ends the rest; ``"return"``: the exception
            stands in the result's place, without its traceback, which would keep the photo's memory.

    Threads begin with the first result that is asked for. They end with the last result, an exception (Ctrl-C, say) or
    when the iterator is closed or dropped, and runs under way are cancelled then. Any number of threads may call it.

    Raises:
        TypeError, ValueError, FaceSegError: as :class:`Session`, at once.
        ImportError: a path is among the photos and Pillow is not installed.
    """
    if on_error not in ("raise", "return"):
        raise ValueError(f'on_error is {on_error!r}; "raise" or "return" is wanted')
    if output not in OUTPUTS:
        raise ValueError(f"output is {output!r}; one of {', '.join(OUTPUTS)} is wanted")
    _target(target)
    threads = whole(threads, "threads", 0, 1024) or library.faceseg_runtime_threads()
    workers = whole(workers, "workers", 0, 1024) or max(1, min(threads, operator.length_hint(photos, threads)))
    ahead = whole(ahead, "ahead", 0, 2**31 - 1) or 2 * workers

    def segmented(session: Session, photo: Any) -> Any:
        own = channels if _has_channels(photo) else "rgb"
        return session.segment(photo, output=output, channels=own, target=target)

    sessions = [
        Session(
            model,
            threads=max(1, threads // workers),
            precision=precision,
            refine=refine,
            smallest_head=smallest_head,
        )
        for _ in range(workers)
    ]
    return _Workers(sessions, each or segmented).results(iter(photos), ahead, on_error == "raise")


class _Workers:
    """A thread a session. As many photos are in work as there are sessions."""

    def __init__(self, sessions: list[Session], each: Each) -> None:
        self._sessions, self._each = sessions, each
        self._idle: SimpleQueue[Session] = SimpleQueue()
        self._stopping = Event()
        for session in sessions:
            self._idle.put(session)

    def results(self, photos: Iterator[Any], ahead: int, is_raising: bool) -> Iterator[Any]:
        """One a photo, in order. What ``photos`` itself raises comes after the results of those before."""
        pool = ThreadPoolExecutor(len(self._sessions), "faceseg.map")
        pending: deque[tuple[Any, Future[Any]]] = deque()
        ended: Optional[Exception] = None
        number = -1
        try:
            while True:
                while ended is None and len(pending) < ahead:
                    try:
                        photo = next(photos)
                        _check_pillow(photo)
                    except Exception as error:  # StopIteration among them
                        ended = error
                    else:
                        pending.append((_name(photo), pool.submit(self._work, photo)))
                        del photo
                if not pending:
                    break
                number += 1
                yield self._first(pending, number, is_raising)
            if not isinstance(ended, StopIteration):
                assert ended is not None
                raise ended
        finally:
            self._end(pool, [future for _, future in pending])

    def _work(self, photo: Any) -> Any:
        session = self._idle.get()
        try:
            if self._stopping.is_set():
                return None
            return self._each(session, opened(photo) if _is_path(photo) else photo)
        finally:
            session._photo = None  # which may go as soon as the result is there
            self._idle.put(session)

    def _first(self, pending: deque[tuple[Any, Future[Any]]], number: int, is_raising: bool) -> Any:
        """The oldest one's result. It is pending until then, so that it is cancelled if waiting is interrupted."""
        name, future = pending[0]
        try:
            return future.result()
        except Exception as error:
            if is_raising:
                if hasattr(error, "add_note"):  # Python 3.11
                    error.add_note(f"photo {number}{name}")
                raise
            return error.with_traceback(None)
        finally:
            if future.done():
                pending.popleft()

    def _end(self, pool: ThreadPoolExecutor, pending: list[Future[Any]]) -> None:
        """Begins no other photo and cancels those under way. A run may begin just after a cancel: so again."""
        self._stopping.set()
        pool.shutdown(wait=False, cancel_futures=True)
        while under_way := [future for future in pending if not future.done()]:
            for session in self._sessions:
                session.cancel()
            wait(under_way, 0.02)
        pool.shutdown()
        for session in self._sessions:
            session.close()


def opened(path: Any) -> Any:
    """A file as a Pillow image, upright and read to its end; ``path`` may be an open binary file."""
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return image


def _is_path(photo: Any) -> bool:
    return isinstance(photo, (str, os.PathLike))


def _has_channels(photo: Any) -> bool:
    """Whether the caller has to say what order its channels have: Pillow's images say it themselves."""
    return not hasattr(photo, "getbands")


def _name(photo: Any) -> str:
    return f", {os.fspath(photo)!r}" if _is_path(photo) else ""


def _check_pillow(photo: Any) -> None:
    if _is_path(photo):
        try:
            import PIL  # noqa: F401
        except ImportError as error:
            raise ImportError("paths are opened by Pillow, which is not installed: pip install pillow") from error
