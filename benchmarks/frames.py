"""A frame of 1280 x 720 to labels, in fast mode: as NV12 against the same picture as RGB. Usage: frames.py [RUNS]; the
medians count. By the C face: NV12 is for hosts with a camera's or a decoder's memory, and Python's arrays have none."""

import ctypes
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from faceseg import _structs as c

PHOTO = Path(__file__).resolve().parents[1] / "examples/photos/astronaut.png"
WIDTH, HEIGHT, NV12 = 1280, 720, 5

library = ctypes.CDLL(os.environ.get("FACESEG_LIBRARY", "libfaceseg.so.0"))
library.faceseg_get_labels.argtypes = [ctypes.c_void_p, c.faceseg_plane, ctypes.c_void_p]


def call(function, *arguments):
    error = c.faceseg_error()
    if function(*arguments, ctypes.byref(error)):
        sys.exit(error.message.decode())


def nv12(rgb):
    """Brightness, and blue and red differences by turns, of BT.601 in 16...235."""
    r, g, b = (rgb[..., i].astype(np.float64) for i in range(3))
    y = 0.299 * r + 0.587 * g + 0.114 * b
    differences = np.stack([(b - y) / 1.772, (r - y) / 1.402], -1)
    small = differences.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 2).mean((1, 3))
    return (np.round(16 + y * 219 / 255).astype(np.uint8),
            np.round(128 + small * 224 / 255).astype(np.uint8).reshape(HEIGHT // 2, WIDTH))


def image(format, row_bytes, *planes):
    found = c.faceseg_image(width=WIDTH, height=HEIGHT, format=format)
    for i, plane in enumerate(planes):
        found.plane[i], found.row_bytes[i] = plane.ctypes.data, row_bytes
    return found


def milliseconds(model, picture, refinement, threads, runs):
    options, session = c.faceseg_session_options(), ctypes.c_void_p()
    library.faceseg_session_options_init(ctypes.byref(options))
    options.threads, options.precision, options.refinement, options.smallest_head = threads, c.FAST, refinement, -1
    call(library.faceseg_session_open, model, ctypes.byref(options), ctypes.byref(session))
    labels, times = np.zeros((HEIGHT, WIDTH), np.uint8), []
    for _ in range(runs):
        begin = time.perf_counter()
        call(library.faceseg_run, session, ctypes.byref(picture), None)
        call(library.faceseg_get_labels, session, c.faceseg_plane(labels.ctypes.data, WIDTH, c.U8))
        times.append(time.perf_counter() - begin)
    library.faceseg_session_close(session)
    return statistics.median(times) * 1e3


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rgb = np.ascontiguousarray(np.array(Image.open(PHOTO).convert("RGB").resize((WIDTH, HEIGHT))))
    luma, chroma = nv12(rgb)
    pictures = {"RGB": image(c.RGB8, 3 * WIDTH, rgb), "NV12": image(NV12, WIDTH, luma, chroma)}
    model = ctypes.c_void_p()
    call(library.faceseg_model_open_builtin, ctypes.byref(model))
    for refinement, name in ((c.REFINE_NONE, "none"), (c.REFINE_GUIDED, "guided")):
        for threads in (2, 1):
            times = {kind: milliseconds(model, p, refinement, threads, runs) for kind, p in pictures.items()}
            print(f"refinement {name}, threads {threads}: RGB {times['RGB']:.2f} ms, NV12 {times['NV12']:.2f} ms, "
                  f"{times['NV12'] / times['RGB']:.2f} times")


if __name__ == "__main__":
    main()
