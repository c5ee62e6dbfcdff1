"""Errors of the library as one exception."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """What went wrong, as a number: the header's ``FACESEG_*`` without the prefix."""

    OK = 0
    INVALID_ARGUMENT = 1
    """A value passed to the function."""
    FILE_ERROR = 2
    """A file that cannot be read or is damaged."""
    MODEL_ERROR = 3
    """A network that contradicts itself or has an unknown layer."""
    SHAPE_ERROR = 4
    """A network that does not take this size."""
    OUT_OF_MEMORY = 5
    """More than there is, or a ``memory_limit`` below the least that a size takes."""
    CANCELLED = 6
    """By :meth:`Session.cancel` or the progress function."""
    UNSUPPORTED = 7
    """A request that is newer than the library."""
    NO_RESULT = 8
    """A result was asked for before a run."""


class FaceSegError(Exception):
    """The library refused or failed.

    >>> import faceseg
    >>> try:
    ...     faceseg.Model(data=b"not a network")
    ... except faceseg.FaceSegError as error:
    ...     print(error.status_name)
    FACESEG_FILE_ERROR
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = int(status)
        """A :class:`Status`, as a plain number."""
        self.message = message
        """What, where, what to do."""

    @property
    def status_name(self) -> str:
        """``"FACESEG_FILE_ERROR"`` and so on."""
        known = self.status in Status.__members__.values()
        return f"FACESEG_{Status(self.status).name}" if known else "unknown status"

    def __str__(self) -> str:
        return f"{self.message} ({self.status_name})"
