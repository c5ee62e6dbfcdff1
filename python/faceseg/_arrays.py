"""numpy arrays as the library's pictures, planes and tensors: borrowed where they can be, copied once where not."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from . import _structs as c

_FORMATS = {
    ("rgb", 1): c.GRAY8,
    ("bgr", 1): c.GRAY8,
    ("rgb", 3): c.RGB8,
    ("bgr", 3): c.BGR8,
    ("rgb", 4): c.RGBA8,
    ("bgr", 4): c.BGRA8,
}


class Photo:
    """A picture as the library takes it. ``array`` owns or keeps the pixels that ``struct`` points to."""

    def __init__(self, image: Any, channels: str) -> None:
        if channels not in ("rgb", "bgr"):
            raise ValueError(f'channels is {channels!r}; "rgb" or "bgr" is wanted')
        array = _pixels(image, channels)
        depth = 1 if array.ndim == 2 else array.shape[2]
        if not _has_whole_rows(array, depth):
            array = np.ascontiguousarray(array)
        self.array = array
        self.height, self.width = array.shape[:2]
        row_bytes = array.strides[0] if self.height > 1 else self.width * depth
        self.struct = c.faceseg_image(
            plane=(array.ctypes.data,),
            row_bytes=(row_bytes,),
            width=self.width,
            height=self.height,
            format=_FORMATS[channels, depth],
        )


def _pixels(image: Any, channels: str) -> npt.NDArray[np.uint8]:
    """(H, W), (H, W, 3) or (H, W, 4) of uint8: the caller's own memory where it has that form."""
    if isinstance(image, (str, bytes, os.PathLike)):
        raise TypeError(
            f"image is a {type(image).__name__}; an array of uint8 or a Pillow image is wanted: open the file first, "
            f"say numpy.asarray(PIL.Image.open(path))"
        )
    if _is_pillow(image):
        image = _eight_bits(image, channels)
    array = np.asarray(image)
    if array.dtype != np.uint8:
        raise TypeError(f"image has dtype {array.dtype}; uint8 (0 to 255) is wanted")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"image has shape {array.shape}; (H, W), (H, W, 3) or (H, W, 4) is wanted")
    if not all(1 <= side <= c.MOST_SIDE for side in array.shape[:2]):
        raise ValueError(f"image has shape {array.shape}; sides of 1 to {c.MOST_SIDE} are wanted")
    return array


def _is_pillow(image: Any) -> bool:
    """Told by its methods, so that Pillow need not be there."""
    return not isinstance(image, np.ndarray) and all(hasattr(image, name) for name in ("mode", "getbands", "convert"))


def _eight_bits(image: Any, channels: str) -> Any:
    """A Pillow image of 8 bits in a mode whose memory the library takes."""
    if channels != "rgb":
        raise ValueError('channels is "bgr"; a Pillow image says its channels itself: leave channels out')
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        raise TypeError(f"image has Pillow mode {image.mode}; 8 bits (L, RGB, RGBA) are wanted: scale it to 0 to 255")
    if image.mode in ("RGBa", "La"):  # colours times alpha
        image = image.convert(image.mode.upper())
    return image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGB")


def _has_whole_rows(array: npt.NDArray[Any], depth: int) -> bool:
    """Whether pixels touch and rows go forward without overlap. The stride of a side of 1 means nothing."""
    item = array.itemsize
    return (
        (array.ndim == 2 or array.strides[2] == item)
        and (array.shape[1] == 1 or array.strides[1] == item * depth)
        and (array.shape[0] == 1 or array.strides[0] >= array.shape[1] * item * depth)
    )


def result(
    out: Optional[npt.NDArray[Any]], shape: tuple[int, ...], types: Sequence[type], photo: Photo
) -> npt.NDArray[Any]:
    """A new array of the first type, or the caller's after a check. The last axis but one goes from row to row, for
    (H, W, 3) the one before.

    Raises:
        TypeError: not an array, or of another dtype.
        ValueError: another shape, gaps between pixels, read-only, or memory shared with the photo.
    """
    if out is None:
        return np.empty(shape, types[0])
    names = " or ".join(np.dtype(kind).name for kind in types)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out is a {type(out).__name__}; a numpy array of {names} is wanted")
    if out.dtype not in [np.dtype(kind) for kind in types]:
        raise TypeError(f"out has dtype {out.dtype}; {names} is wanted")
    if out.shape != shape:
        raise ValueError(f"out has shape {out.shape}; {shape} is wanted")
    if not out.flags.writeable:
        raise ValueError("out is read-only")
    if np.may_share_memory(out, photo.array) and np.shares_memory(out, photo.array):
        raise ValueError("out shares memory with the photo, which results are made from")
    return out


def numbers(array: Any, name: str, photo: Photo, types: Sequence[type]) -> npt.NDArray[Any]:
    """(H, W) that is only read: the caller's own memory where pixels touch, else a copy."""
    array = np.asarray(array)
    if array.dtype not in [np.dtype(kind) for kind in types]:
        names = " or ".join(np.dtype(kind).name for kind in types)
        raise TypeError(f"{name} has dtype {array.dtype}; {names} is wanted")
    if array.shape != (photo.height, photo.width):
        raise ValueError(f"{name} has shape {array.shape}; the image's, {(photo.height, photo.width)}, is wanted")
    whole: npt.NDArray[Any] = array if _has_whole_rows(array, 1) and array.flags.aligned else array.copy()
    return whole


def plane(array: npt.NDArray[Any], depth: int = 1) -> c.faceseg_plane:
    """(H, W) or (H, W, depth) as a plane that the library fills."""
    if not _has_whole_rows(array, depth) or not array.flags.aligned:
        raise ValueError(
            f"out has strides {array.strides} for shape {array.shape} of {array.dtype}; pixels that touch and rows "
            f"that go forward are wanted"
        )
    row_bytes = array.strides[0] if array.shape[0] > 1 else array.shape[1] * array.itemsize * depth
    return c.faceseg_plane(
        data=array.ctypes.data, row_bytes=row_bytes, type=c.F32 if array.dtype == np.float32 else c.U8
    )


Inputs = Union[npt.NDArray[np.float32], Sequence[npt.NDArray[np.float32]]]


class Tensors:
    """Inputs of a network. ``arrays`` keep the numbers that ``structs`` point to."""

    def __init__(self, inputs: Inputs) -> None:
        given = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
        self.arrays = [_numbers(array, f"inputs[{i}]") for i, array in enumerate(given)]
        if not self.arrays:
            raise ValueError("inputs is empty; one array for each input of the network is wanted")
        self.structs = (c.faceseg_tensor * len(self.arrays))(
            *(c.faceseg_tensor(array.ctypes.data, array.ndim, array.shape) for array in self.arrays)
        )


def _numbers(array: Any, name: str) -> npt.NDArray[np.float32]:
    array = np.asarray(array)
    if array.dtype != np.float32:
        raise TypeError(f"{name} has dtype {array.dtype}; float32 is wanted")
    if array.ndim > c.MOST_RANK or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; 0 to {c.MOST_RANK} sides above 0 are wanted")
    return np.require(array, requirements=["C", "A"])


def copied(tensor: c.faceseg_tensor) -> npt.NDArray[np.float32]:
    """The library's numbers in an array that owns its data."""
    array = np.empty(tuple(tensor.shape[: tensor.rank]), np.float32)
    ctypes.memmove(array.ctypes.data, tensor.data, array.nbytes)
    return array
