"""Finds libfaceseg, opens it and declares its functions."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from pathlib import Path
from typing import Any, NamedTuple, Optional

from . import _structs as c
from ._errors import FaceSegError

_OUT, _ERROR = POINTER(c_void_p), POINTER(c.faceseg_error)

#: Every function of the header: name, result, arguments.
FUNCTIONS: list[tuple[str, Any, list[Any]]] = [
    ("faceseg_status_name", c_char_p, [c_int32]),
    ("faceseg_version", c_int32, []),
    ("faceseg_version_string", c_char_p, []),
    ("faceseg_runtime_cpu", c_char_p, []),
    ("faceseg_runtime_openmp", c_char_p, []),
    ("faceseg_runtime_threads", c_int32, []),
    ("faceseg_model_options_init", None, [POINTER(c.faceseg_model_options)]),
    ("faceseg_model_open", c_int32, [c_char_p, POINTER(c.faceseg_model_options), _OUT, _ERROR]),
    ("faceseg_model_open_memory", c_int32, [c_void_p, c_size_t, POINTER(c.faceseg_model_options), _OUT, _ERROR]),
    ("faceseg_model_open_builtin", c_int32, [_OUT, _ERROR]),
    ("faceseg_model_open_builtin_small", c_int32, [_OUT, _ERROR]),
    ("faceseg_model_close", None, [c_void_p]),
    ("faceseg_model_class_count", c_int32, [c_void_p]),
    ("faceseg_model_class_name", c_char_p, [c_void_p, c_int32]),
    ("faceseg_model_parameter_count", c_int64, [c_void_p]),
    ("faceseg_model_text", c_char_p, [c_void_p, c_int32]),
    ("faceseg_session_options_init", None, [POINTER(c.faceseg_session_options)]),
    ("faceseg_session_open", c_int32, [c_void_p, POINTER(c.faceseg_session_options), _OUT, _ERROR]),
    ("faceseg_session_close", None, [c_void_p]),
    ("faceseg_session_cancel", None, [c_void_p]),
    ("faceseg_session_begin_video", None, [c_void_p]),
    ("faceseg_run_options_init", None, [POINTER(c.faceseg_run_options)]),
    ("faceseg_run", c_int32, [c_void_p, POINTER(c.faceseg_image), POINTER(c.faceseg_run_options), _ERROR]),
    ("faceseg_get_labels", c_int32, [c_void_p, c.faceseg_plane, _ERROR]),
    ("faceseg_get_probability", c_int32, [c_void_p, c_int32, c.faceseg_plane, _ERROR]),
    ("faceseg_get_alpha", c_int32, [c_void_p, c_int32, c.faceseg_plane, _ERROR]),
    ("faceseg_get_overlay", c_int32, [c_void_p, c.faceseg_plane, _ERROR]),
    (
        "faceseg_get_heads",
        c_int32,
        [c_void_p, POINTER(c.faceseg_plane), POINTER(c.faceseg_head), c_size_t, POINTER(c_size_t), _ERROR],
    ),
    ("faceseg_segment", c_int32, [POINTER(c.faceseg_image), c.faceseg_plane, _ERROR]),
    ("faceseg_matte_options_init", None, [POINTER(c.faceseg_matte_options)]),
    (
        "faceseg_matte",
        c_int32,
        [POINTER(c.faceseg_image), c.faceseg_plane, c.faceseg_plane, POINTER(c.faceseg_matte_options), _ERROR],
    ),
    ("faceseg_foreground", c_int32, [POINTER(c.faceseg_image), c.faceseg_plane, c.faceseg_plane, _ERROR]),
    ("faceseg_recolor_options_init", None, [POINTER(c.faceseg_recolor_options)]),
    (
        "faceseg_recolor",
        c_int32,
        [
            POINTER(c.faceseg_image),
            c.faceseg_plane,
            c_uint32,
            c.faceseg_plane,
            POINTER(c.faceseg_recolor_options),
            _ERROR,
        ],
    ),
    ("faceseg_crf_options_init", None, [POINTER(c.faceseg_crf_options)]),
    (
        "faceseg_crf",
        c_int32,
        [
            POINTER(c.faceseg_image),
            POINTER(c.faceseg_plane),
            c_int32,
            POINTER(c.faceseg_crf_options),
            _ERROR,
        ],
    ),
    (
        "faceseg_forward",
        c_int32,
        [c_void_p, POINTER(c.faceseg_tensor), c_size_t, c_char_p, POINTER(c.faceseg_tensor), _ERROR],
    ),
]


def _open() -> ctypes.CDLL:
    """$FACESEG_LIBRARY alone if it is set, else the file in this package, else the system's."""
    packaged = Path(__file__).with_name("lib") / "libfaceseg.so"
    name = os.environ.get("FACESEG_LIBRARY") or (str(packaged) if packaged.exists() else "libfaceseg.so.0")
    try:
        library = ctypes.CDLL(name)  # which lets go of the interpreter lock during calls
        for function, result, arguments in FUNCTIONS:
            declared = getattr(library, function)
            declared.restype, declared.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise ImportError(
            f"faceseg cannot use the library {name}: {error}. Install a wheel that carries one, install "
            f"libfaceseg.so.0 for the whole system, or name a file in FACESEG_LIBRARY."
        ) from error
    return library


library = _open()


def call(function: Any, *arguments: Any) -> None:
    """Calls a function whose last argument is an error.

    Raises:
        FaceSegError: what the function reported.
    """
    error = c.faceseg_error()
    status = function(*arguments, ctypes.byref(error))
    if status != 0:
        raise FaceSegError(status, error.message.decode("utf-8", "replace"))


def text(value: Optional[bytes]) -> str:
    """A C string of the library; "" for NULL."""
    return (value or b"").decode("utf-8", "replace")


class Runtime(NamedTuple):
    """What the library found on this machine."""

    version: str
    """Of the library: ``"0.1.0"``."""
    cpu: str
    """Instruction set of the kernels: ``"avx512"``, ``"avx2"``, ``"neon"`` or ``"scalar"``."""
    openmp: Optional[str]
    """File name of the OpenMP runtime; None: none was found that may begin, and threads begin and end
    with each call."""
    threads: int
    """Threads that a session uses by default."""
    library: str
    """Path of the library that runs."""


def runtime() -> Runtime:
    """Version, instruction set, OpenMP runtime, threads and path of the library. Any thread may ask.

    An OpenMP runtime of Intel or LLVM that the process has loaded already is preferred, as two of them in one process
    abort it: import packages that bring one before this is first asked, and before the first photo.

    >>> import faceseg
    >>> faceseg.runtime().version
    '0.1.0'
    """
    openmp = library.faceseg_runtime_openmp()
    return Runtime(
        version=text(library.faceseg_version_string()),
        cpu=text(library.faceseg_runtime_cpu()),
        openmp=None if openmp is None else text(openmp),
        threads=library.faceseg_runtime_threads(),
        library=_path(),
    )


class _DlInfo(ctypes.Structure):
    _fields_ = [("file", c_char_p), ("base", c_void_p), ("symbol", c_char_p), ("address", c_void_p)]


def _path() -> str:
    """The file behind the library: what it was opened by may be a bare name."""
    dladdr, info = ctypes.CDLL(None).dladdr, _DlInfo()
    dladdr.argtypes = [c_void_p, POINTER(_DlInfo)]
    found = dladdr(ctypes.cast(library.faceseg_version, c_void_p), ctypes.byref(info))
    return os.fsdecode(info.file) if found and info.file else str(library._name)
