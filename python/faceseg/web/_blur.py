"""The background of a photo out of focus, without the colours of who stands before it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

SMALL = 384  # pixels of the longest side where it is blurred: detail beyond is gone afterwards anyway
SIGMA = 0.02  # of the longest side


def blurred(pixels: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> Image.Image:
    """The photo's background blurred by a Gaussian, its weights 1 - alpha: nothing of the foreground runs into it.

    Args:
        pixels: (H, W, 3) uint8. alpha: (H, W) uint8, 255 where the foreground is.
    """
    size = (pixels.shape[1], pixels.shape[0])
    scale = min(1.0, SMALL / max(size))
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    weight = 1 - _reduced(alpha, small)[..., None] / 255 + 1e-6
    weighted = np.concatenate([_reduced(pixels, small) * weight, weight], axis=2)
    sigma = SIGMA * max(small)
    for axis in (0, 1):
        weighted = _gaussian(weighted, sigma, axis)
    colors = weighted[..., :3] / weighted[..., 3:]
    return Image.fromarray(np.rint(colors).clip(0, 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


def _reduced(array: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    return np.asarray(Image.fromarray(array).resize(size, Image.Resampling.BOX), np.float32)


def _gaussian(array: npt.NDArray[np.float32], sigma: float, axis: int) -> npt.NDArray[np.float32]:
    """Along one axis; the border's pixels stand for what is beyond."""
    radius = max(1, round(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-3)) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    padded = np.pad(array, [(radius, radius) if i == axis else (0, 0) for i in range(array.ndim)], mode="edge")
    rows = np.moveaxis(padded, axis, 0)
    total = np.zeros((array.shape[axis],) + rows.shape[1:], np.float32)
    for offset, weight in enumerate(kernel):
        total += weight * rows[offset : offset + len(total)]
    return np.moveaxis(total, 0, axis)
