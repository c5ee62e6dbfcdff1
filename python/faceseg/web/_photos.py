"""Files as photos: decoded by Pillow within limits, upright, or refused with a sentence. Nothing of them is stored."""

from __future__ import annotations

import io
from typing import NamedTuple, Optional

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

#: Others that Pillow knows are strangers to cameras and the web, and more code that a stranger's file can reach.
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MOST_SIDE = 16384
NO_PHOTO = "This is not a photo that can be read here: JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF is wanted."


class Refused(Exception):
    """A photo or a wish that cannot be served: an HTTP status of 4xx or 503 and a sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Photo(NamedTuple):
    """A decoded photo."""

    pixels: npt.NDArray[np.uint8]
    """(H, W, 3), R, G, B, upright."""
    profile: Optional[bytes]
    """Its ICC profile, which says what the colours mean."""


def decode(data: bytes, max_pixels: int) -> Photo:
    """A file's first picture, turned as its EXIF data say.

    Raises:
        Refused: 400 nothing there, 413 too many pixels, 415 no photo, 422 damaged.
    """
    if not data:
        raise Refused(400, "The file is empty.")
    try:
        image = Image.open(io.BytesIO(data), formats=_known())
    except Image.DecompressionBombError:
        raise Refused(413, _too_large("", max_pixels)) from None
    except Exception:  # decoders raise whatever a damaged file leads them to
        raise Refused(415, NO_PHOTO) from None
    with image:
        width, height = image.size
        if width * height > max_pixels:
            raise Refused(413, _too_large(f" of {width} x {height} pixels", max_pixels))
        if max(width, height) > MOST_SIDE:
            raise Refused(413, f"The photo's sides of {width} x {height} pixels are too long: {MOST_SIDE} is the most.")
        try:
            image.load()
            profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
            pixels = np.asarray(_eight_bits(_upright(image)))
        except (Refused, MemoryError):
            raise
        except Exception:
            raise Refused(422, "The photo is damaged: its end is missing or its data contradict themselves.") from None
    return Photo(pixels, profile)


def _known() -> list[str]:
    """Of the formats those that this Pillow was built with."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _too_large(size: str, most: int) -> str:
    return f"The photo{size} is too large: {most / 1e6:g} million pixels are the most here."


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data: the photo itself is fine
        return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """R, G, B; alpha is passed over, as the library does."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise Refused(415, "The photo has more than 16 bits a pixel's channel: 8 or 16 are wanted.")
    return image.convert("RGB")
