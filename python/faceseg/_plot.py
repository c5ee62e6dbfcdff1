"""A photo and its result as a figure, by matplotlib, which is needed here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Sequence

import numpy as np
import numpy.typing as npt

from ._arrays import Photo
from ._heads import Head
from ._model import built_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Colors = npt.NDArray[np.uint8]


def plot(
    image: Any,
    result: Any,
    *,
    channels: str = "rgb",
    class_names: Optional[Sequence[str]] = None,
    heads: Sequence[Head] = (),
    figure: Optional[Figure] = None,
) -> Figure:
    """A figure of a photo, the photo with the result painted over it, and the result with a legend.

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> figure = faceseg.plot(photo, faceseg.segment(photo))
    >>> [axes.get_title() for axes in figure.axes]
    ['photo', 'overlay', 'labels']

    Nothing is shown and no window is opened: a notebook shows the figure, ``figure.savefig("plot.png")`` writes it, and
    :func:`show` opens a window.

    Args:
        image: as :meth:`Session.run` takes it.
        result: of it: labels, (H, W) of whole numbers from 0; probabilities, (C, H, W) of float, whose likeliest class
            is drawn; or alpha, (H, W) of float, 0 to 1.
        channels: ``"rgb"`` or ``"bgr"``, the order in memory.
        class_names: of the labels. None: the built-in network's for three classes and fewer, numbers for more.
        heads: of :meth:`Session.heads`, drawn as boxes over the photo.
        figure: where it is drawn, after what is there was removed: one of ``matplotlib.pyplot``, or a part of another.
            None: a new one, which pyplot does not know of and so does not keep.

    Raises:
        ImportError: matplotlib is not installed.
        TypeError, ValueError: an image or a result that is none, or of another size.
    """
    photo = _colors(Photo(image, channels).array, channels)
    result = _labels_or_alpha(np.asarray(result), photo)
    if figure is None:
        figure = _figure_class()(figsize=(12, 12 * photo.shape[0] / photo.shape[1] / 3 + 0.9), layout="constrained")
    figure.clear()
    axes = figure.subplots(1, 3)
    titles = ("photo", "overlay", "alpha" if result.dtype.kind == "f" else "labels")
    for one, title in zip(axes, titles):
        one.set_title(title)
        one.set_axis_off()
    axes[0].imshow(photo)
    for head in heads:
        _box(axes[0], head)
    if result.dtype.kind == "f":
        axes[1].imshow(_mixed(photo, _palette(2)[1], result[..., None] / 2))
        alpha = axes[2].imshow(result, cmap="gray", vmin=0, vmax=1)
        figure.colorbar(alpha, ax=axes, location="bottom", shrink=0.3, aspect=30, pad=0.02)
    else:
        palette = _palette(int(result.max()) + 1)
        axes[1].imshow(_mixed(photo, palette[result], (result > 0)[..., None] / 2))
        axes[2].imshow(palette[result])
        _legend(figure, result, palette, class_names)
    return figure


def show(image: Any, result: Any, **options: Any) -> None:
    """:func:`plot` in a window, or below a notebook's cell. Waits, as ``matplotlib.pyplot.show`` does, where that
    waits.

    >>> import faceseg, numpy
    >>> photo = numpy.zeros((48, 64, 3), numpy.uint8)
    >>> faceseg.show(photo, faceseg.segment(photo))  # doctest: +SKIP

    Args:
        image, result, options: as :func:`plot` takes them, without ``figure``.

    Raises:
        ImportError, TypeError, ValueError: as :func:`plot`.
    """
    _figure_class()
    import matplotlib.pyplot as pyplot

    height, width = Photo(image, options.get("channels", "rgb")).array.shape[:2]
    figure = pyplot.figure(figsize=(12, 12 * height / width / 3 + 0.9), layout="constrained")
    try:
        plot(image, result, figure=figure, **options)
        pyplot.show()
    finally:
        pyplot.close(figure)


def _figure_class() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots are drawn by matplotlib, which is not installed: pip install matplotlib") from error
    return Figure


def _colors(array: Colors, channels: str) -> Colors:
    """(H, W, 3), R, G, B."""
    if array.ndim == 2:
        return np.stack([array] * 3, axis=2)
    return array[..., 2::-1] if channels == "bgr" else array[..., :3]


def _labels_or_alpha(result: npt.NDArray[Any], photo: Colors) -> npt.NDArray[Any]:
    if result.dtype.kind not in "uif":
        raise TypeError(f"result has dtype {result.dtype}; labels, probabilities or alpha are wanted")
    if result.ndim == 3 and result.dtype.kind == "f":
        result = result.argmax(axis=0)
    if result.shape != photo.shape[:2]:
        raise ValueError(f"result has shape {result.shape}; {photo.shape[:2]} is wanted, as the image has")
    if result.dtype.kind != "f" and not 0 <= result.min() <= result.max() <= 255:
        raise ValueError(f"result has labels from {result.min()} to {result.max()}; 0 to 255 are wanted")
    return result


def _palette(count: int) -> Colors:
    """(count, 3): PASCAL VOC's colours, in which a class's bits are spread over R, G, B from the top bit down."""
    numbers = np.arange(count)
    colors = np.zeros((count, 3), np.uint8)
    for bit in range(8):
        for channel in range(3):
            colors[:, channel] |= (((numbers >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return colors


def _mixed(photo: Colors, colors: Colors, share: npt.NDArray[Any]) -> Colors:
    """The photo with so much of other colours."""
    mixed = photo + (colors.astype(np.float32) - photo) * share
    return np.asarray(np.clip(mixed + 0.5, 0, 255)).astype(np.uint8)


def _box(axes: Any, head: Head) -> None:
    from matplotlib.patches import Rectangle

    corner = (head.x - 0.5, head.y - 0.5)
    axes.add_patch(Rectangle(corner, head.width, head.height, fill=False, edgecolor="white", linewidth=2))
    axes.add_patch(Rectangle(corner, head.width, head.height, fill=False, edgecolor="black", linewidth=0.7))


def _legend(figure: Any, labels: Any, palette: Colors, class_names: Optional[Sequence[str]]) -> None:
    """The classes that occur, with their shares of the photo."""
    from matplotlib.patches import Patch

    if class_names is None:
        own = built_in().class_names
        class_names = own if len(palette) <= len(own) else [f"class {i}" for i in range(len(palette))]
    if len(class_names) < len(palette):
        raise ValueError(f"class_names has {len(class_names)} names; labels go to {len(palette) - 1}")
    shares = np.bincount(labels.ravel(), minlength=len(palette)) / labels.size
    patches = [
        Patch(facecolor=palette[i] / 255, edgecolor="black", linewidth=0.5, label=f"{class_names[i]} {share:.1%}")
        for i, share in enumerate(shares)
        if share
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=min(7, len(patches)), frameon=False)
