"""Alpha and foreground colours here and in PyMatting, on the same trimaps: `make test-matting`. Prints a row a picture,
ends with "N pictures, M differ"; exit code 1 if any does, or if this library takes longer."""

import sys
import time
from pathlib import Path

import numpy as np
import pymatting
from PIL import Image

import faceseg

ROOT = Path(__file__).resolve().parents[2]
MOST_ALPHA, MOST_COLOR = 1 / 255, 2 / 255  # means: over unknown pixels; where alpha is above 0.1
SOFT = 128


def photo(side):
    whole = Image.open(ROOT / "examples/photos/astronaut.png").convert("RGB")
    return np.asarray(whole.resize((side, side), Image.LANCZOS))


def band(side, share):
    """A wavy ring about the astronaut's head, of so large a share of the pixels."""
    y, x = np.mgrid[0:side, 0:side] / side - np.array([0.3, 0.45])[:, None, None]
    radius = np.hypot(x, y) + 0.03 * np.sin(9 * np.arctan2(y, x))
    near = np.abs(radius - 0.22) < np.quantile(np.abs(radius - 0.22), share)
    return np.where(near, SOFT, np.where(radius < 0.22, 255, 0)).astype(np.uint8)


def disc(side, share):
    """Unknown all about a small foreground."""
    y, x = np.mgrid[0:side, 0:side] / side
    radius = np.hypot(x - 0.45, y - 0.25)
    outer = np.sqrt(0.01 + share / np.pi)
    return np.where(radius < 0.1, 255, np.where(radius < outer, SOFT, 0)).astype(np.uint8)


def from_probabilities(pixels, target):
    """As a network's user makes one: what is not sure, and some pixels about it."""
    alpha = np.pad(faceseg.segment(pixels, output="alpha", target=target), 3, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(alpha, (7, 7))
    return np.where(windows.min((2, 3)) > 0.9, 255, np.where(windows.max((2, 3)) < 0.1, 0, SOFT)).astype(np.uint8)


def noise(side):
    random = np.random.default_rng(0)
    columns = np.arange(side) + np.zeros((side, 1))
    trimap = np.where(columns < side // 4, 0, np.where(columns > 3 * side // 4, 255, SOFT))
    return random.integers(0, 256, (side, side, 3), np.uint8), trimap.astype(np.uint8)


def pictures():
    yield "head, 512", photo(512), from_probabilities(photo(512), "head")
    yield "hair, 512", photo(512), from_probabilities(photo(512), "hair")
    yield "ring of 15 %, 1024", photo(1024), band(1024, 0.15)
    yield "disc of 15 %, 1024", photo(1024), disc(1024, 0.15)
    yield "noise, 200", *noise(200)


def timed(function, *arguments, runs=3, **options):
    """The result and the least seconds."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = function(*arguments, **options)
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


def compare(name, pixels, trimap):
    unknown = trimap == SOFT
    numbers = pixels / 255
    alpha, seconds = timed(faceseg.matte, pixels, trimap)
    theirs, their_seconds = timed(
        pymatting.estimate_alpha_cf, numbers, np.where(unknown, 0.5, trimap / 255), cg_kwargs={"rtol": 1e-7}, runs=1
    )
    colors, color_seconds = timed(faceseg.foreground, pixels, alpha)
    their_colors, their_color_seconds = timed(pymatting.estimate_foreground_ml, numbers, alpha)
    alpha_difference = np.abs(alpha - theirs)[unknown].mean()
    color_difference = np.abs(colors / 255 - their_colors)[alpha > 0.1].mean()
    print(
        f"| {name} | {unknown.mean():.1%} | {255 * alpha_difference:.4f} | {seconds:.2f} | {their_seconds:.2f} "
        f"| {255 * color_difference:.2f} | {color_seconds:.2f} | {their_color_seconds:.2f} |",
        flush=True,
    )
    return alpha_difference > MOST_ALPHA or color_difference > MOST_COLOR or seconds > their_seconds


def main():
    warm_pixels, warm_trimap = photo(64), band(64, 0.2)
    pymatting.estimate_alpha_cf(warm_pixels / 255, np.where(warm_trimap == SOFT, 0.5, warm_trimap / 255))
    pymatting.estimate_foreground_ml(warm_pixels / 255, warm_trimap / 255)
    print("differences in 255ths; seconds; here and in PyMatting\n")
    print("| picture | unknown | alpha differs | here | PyMatting | colours differ | here | PyMatting |")
    print("|---|---|---|---|---|---|---|---|")
    wrong = [compare(*picture) for picture in pictures()]
    print(f"\n{len(wrong)} pictures, {sum(wrong)} differ")
    return 1 if any(wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
