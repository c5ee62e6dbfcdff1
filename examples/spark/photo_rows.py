"""What Spark's Python workers run: paths in, a row a photo out. Not the job, which is segment_photos.py.

Imported by name in the workers, so that what it keeps lives as long as the worker's process, over many tasks.
"""

import io
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

import faceseg

SCHEMA = """path string, width int, height int, face double, hair double,
  heads array<struct<x: int, y: int, width: int, height: int, confidence: double>>,
  mask binary, error string, milliseconds double"""
EMPTY = dict.fromkeys(["width", "height", "face", "hair", "heads", "mask", "error", "milliseconds"])
COLORS = [0, 0, 0, 128, 0, 0, 0, 128, 0]  # of the mask's classes, as `faceseg segment` paints them
ROWS = 64  # that a worker hands back at once


@lru_cache(maxsize=1)
def session(threads):
    """The process's own, over the one model in it; opened with its first photo."""
    return faceseg.Session(threads=threads)


def opened(path):
    """A Pillow image, upright. A path with a scheme (hdfs://, s3://, file://) is read by pyarrow."""
    source = path
    if "://" in path:
        from pyarrow.fs import FileSystem

        system, inside = FileSystem.from_uri(path)
        with system.open_input_stream(inside) as file:
            source = io.BytesIO(file.read())
    with Image.open(source) as image:
        image.load()
        return ImageOps.exif_transpose(image)


def segmented(session, photo):
    """A row's numbers: shares of 0 to 1, heads, labels as a PNG whose pixels are 0, 1 and 2."""
    labels = session.segment(photo)
    heads = [
        {name: getattr(head, name) for name in ("x", "y", "width", "height", "confidence")} for head in session.heads()
    ]
    counts = np.bincount(labels.ravel(), minlength=3) / labels.size
    mask, file = Image.fromarray(labels).convert("P"), io.BytesIO()
    mask.putpalette(COLORS)
    mask.save(file, "PNG")
    height, width = labels.shape
    return {
        "width": width,
        "height": height,
        "face": counts[1],
        "hair": counts[2],
        "heads": heads,
        "mask": file.getvalue(),
    }


def row(path, threads=1):
    """A photo's row. Whatever goes wrong with it is its error."""
    begin = time.perf_counter()
    try:
        own = {"path": path, **segmented(session(threads), opened(path))}
    except Exception as error:
        own = {"path": path, "error": f"{type(error).__name__}: {error}"}
    return {**EMPTY, **own, "milliseconds": 1000 * (time.perf_counter() - begin)}


def careful_rows(paths, threads):
    """Rows from a process beside this one: a photo on which it dies has that as its error."""
    pool = None
    for path in paths:
        pool = pool or ProcessPoolExecutor(1, get_context("spawn"))
        try:
            yield pool.submit(row, path, threads).result()
        except BrokenProcessPool:
            pool = None
            yield {**EMPTY, "path": path, "error": "the process that segmented it died"}
    if pool:
        pool.shutdown()


def rows(batches):
    """For mapInPandas: frames of paths to frames of rows. A task whose worker died is run again, carefully."""
    from pyspark import TaskContext

    task = TaskContext.get()
    for batch in batches:
        paths = iter(batch["path"])
        done = careful_rows(paths, task.cpus()) if task.attemptNumber() else (row(path, task.cpus()) for path in paths)
        while frame := list(islice(done, ROWS)):
            yield pd.DataFrame(frame)
