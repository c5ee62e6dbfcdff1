"""The library's work on the threads of a ThreadPoolExecutor instead of OpenMP's."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Callable

from . import _structs as c
from ._library import library


class Stages:
    """The parallel-for that a session is given: the calling thread and some of the executor's share its tasks.

    An exception here (Ctrl-C in the main thread, an executor that was shut down) cancels what the session does and is
    kept, as ctypes would print and drop it: :meth:`reraise` is for the end of every call. Tasks use memory of the
    caller's, so nothing returns before the last has ended.
    """

    def __init__(self, executor: ThreadPoolExecutor, threads: int) -> None:
        if not isinstance(executor, ThreadPoolExecutor):
            raise TypeError(f"executor is a {type(executor).__name__}; a ThreadPoolExecutor is wanted")
        self.function = c.ParallelForFunction(self._run)  # to be kept as long as the session
        self.cancel: Callable[[], Any] = lambda: None  # the session's
        self._executor, self._threads = executor, threads or library.faceseg_runtime_threads()
        self._raised: list[BaseException] = []

    def reraise(self) -> None:
        """Raises what was kept, if anything."""
        if self._raised:
            error = self._raised[0]
            self._raised.clear()
            raise error

    def _run(self, _: Any, task: Callable[[Any, int], None], argument: Any, count: int) -> None:
        shares = min(count, self._threads)
        helpers: list[Future[None]] = []

        def work(first: int) -> None:
            for index in range(first, count, shares):
                task(argument, index)

        try:
            for first in range(1, shares):
                helpers.append(self._executor.submit(work, first))
            work(0)
            for first, helper in enumerate(helpers, 1):
                if helper.cancel():  # the executor's threads have other things to do, such as this very call
                    work(first)
        except BaseException as error:
            self._keep(error)
        self._wait([helper for helper in helpers if not helper.cancel()])

    def _wait(self, helpers: list[Future[None]]) -> None:
        while True:
            try:
                wait(helpers)
                return
            except BaseException as error:
                self._keep(error)

    def _keep(self, error: BaseException) -> None:
        self._raised.append(error)
        self.cancel()
