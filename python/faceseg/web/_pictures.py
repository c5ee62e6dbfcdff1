"""Results of a session as pictures: what the page shows and what is downloaded. Not segmentation."""

from __future__ import annotations

import io
from typing import Annotated, Any, Callable, Literal, Optional

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from .._matting import foreground
from .._recoloring import recolor
from .._session import Session
from ._blur import blurred

Pixels = npt.NDArray[np.uint8]
Target = Literal["face", "hair", "head"]
Color = Annotated[str, Field(pattern="^#?[0-9a-fA-F]{6}$", description="of recolor: RRGGBB in hexadecimal digits")]
Strength = Annotated[float, Field(ge=0, le=1, description="of recolor: how much of the colour is mixed in")]
#: Of classes 0 to 2, as the library paints them.
PALETTE = [0, 0, 0, 128, 0, 0, 0, 128, 0]


class Wanted(BaseModel):
    """What to make of a photo."""

    model_config = ConfigDict(extra="forbid")

    output: Annotated[
        Literal["overlay", "cutout", "alpha", "recolor", "labels"],
        Field(
            description="overlay: the photo with face (red) and hair (green) painted over it; cutout: the target over "
            "the background; alpha: how much of each pixel is the target, grey, 0 to 255; recolor: the target in "
            "another colour; labels: the class of each pixel, a palette picture, 0 background, 1 face, 2 hair"
        ),
    ] = "overlay"
    target: Annotated[Target, Field(description="of cutout, alpha and recolor; head is face and hair")] = "head"
    background: Annotated[
        str,
        Field(
            pattern="^(transparent|blurred|#?[0-9a-fA-F]{6})$",
            description="of cutout: transparent, blurred, or a colour, RRGGBB in hexadecimal digits",
        ),
    ] = "transparent"
    color: Color = "8a2be2"
    strength: Strength = 1
    refine: Annotated[
        Literal["guided", "matting", "crf", "none"],
        Field(description="how edges are found: guided: along the photo's own; matting: hair for hair, slower"),
    ] = "guided"
    longest: Annotated[int, Field(ge=0, le=16384, description="longest side of the picture; 0: the photo's own")] = 0


def picture(session: Session, pixels: Pixels, wanted: Wanted) -> Image.Image:
    """What is wanted of the photo that the session ran last. pixels: that photo, (H, W, 3)."""
    image = OUTPUTS[wanted.output](session, pixels, wanted)
    if wanted.longest and max(image.size) > wanted.longest:
        filter = Image.Resampling.NEAREST if image.mode == "P" else Image.Resampling.LANCZOS
        scale = wanted.longest / max(image.size)
        image = image.resize((_side(image.width, scale), _side(image.height, scale)), filter)
    return image


def _side(length: int, scale: float) -> int:
    return max(1, round(length * scale))


def _overlay(session: Session, pixels: Pixels, wanted: Wanted) -> Image.Image:
    return Image.fromarray(session.overlay())


def _labels(session: Session, pixels: Pixels, wanted: Wanted) -> Image.Image:
    image = Image.fromarray(session.labels())
    image.putpalette(PALETTE)
    return image


def _alpha(session: Session, pixels: Pixels, wanted: Wanted) -> Image.Image:
    return Image.fromarray(alpha_of(session, pixels, wanted.target))


def _recolor(session: Session, pixels: Pixels, wanted: Wanted) -> Image.Image:
    alpha = alpha_of(session, pixels, wanted.target)
    return Image.fromarray(recolor(pixels, alpha, hexadecimal(wanted.color), strength=wanted.strength))


def _cutout(session: Session, pixels: Pixels, wanted: Wanted) -> Image.Image:
    """Soft edges have the foreground's own colours, so that no halo of the old background stands around them."""
    alpha = alpha_of(session, pixels, wanted.target)
    mask = Image.fromarray(alpha)
    if wanted.background == "blurred":
        return Image.composite(Image.fromarray(pixels), blurred(pixels, alpha), mask)
    colors = foreground(pixels, alpha)
    if wanted.background == "transparent":
        colors[alpha == 0] = 0
        cut = Image.fromarray(colors)
        cut.putalpha(mask)
        return cut
    behind = Image.new("RGB", mask.size, hexadecimal(wanted.background))
    return Image.composite(Image.fromarray(colors), behind, mask)


#: A further output is a function here, a name in `Wanted.output` and a view of the page.
OUTPUTS: dict[str, Callable[[Session, Pixels, Wanted], Image.Image]] = {
    "overlay": _overlay,
    "cutout": _cutout,
    "alpha": _alpha,
    "recolor": _recolor,
    "labels": _labels,
}


def alpha_of(session: Session, pixels: Pixels, target: str) -> Pixels:
    """(H, W) of 0 to 255."""
    return session.alpha(target, np.empty(pixels.shape[:2], np.uint8))


def hexadecimal(color: str) -> str:
    return "#" + color.lstrip("#")


def shares(session: Session) -> list[float]:
    """Of the pixels, by class."""
    labels = session.labels()
    counts = np.bincount(labels.reshape(-1), minlength=len(session.model.class_names))
    return [float(count / labels.size) for count in counts]


def png(image: Image.Image, profile: Optional[bytes] = None) -> bytes:
    """The picture as a file. Only colours keep the photo's profile; none of its other data go along."""
    more: dict[str, Any] = {"icc_profile": profile} if profile and image.mode in ("RGB", "RGBA") else {}
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, **more)  # level 6: a tenth smaller in three times the time
    return file.getvalue()


def jpeg(pixels: Pixels) -> bytes:
    """A frame as a file, made sooner than a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return file.getvalue()
