"""What alpha of a head takes by guided refinement and by matting, after the network has run, and the foreground's
colours. Photos of several sizes, enlarged from the example. Prints a table: milliseconds, the least of several.

Usage: python benchmarks/matting.py, in the environment of `make bench` or `make test-python`.
"""

import time
from pathlib import Path

import numpy as np
from PIL import Image

import faceseg

SIZES = [(512, 512), (1280, 720), (1920, 1080), (4000, 3000)]
RUNS = 5


def least(function):
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return result, 1000 * min(seconds)


def photo(width, height):
    """The astronaut's head, cut to that shape."""
    whole = Image.open(Path(__file__).resolve().parents[1] / "examples/photos/astronaut.png").convert("RGB")
    return np.asarray(whole.crop((0, 0, 512, 512 * height // width)).resize((width, height), Image.LANCZOS))


def main():
    print("| photo | guided | matting | colours | differs at |\n|---|---|---|---|---|")
    for width, height in SIZES:
        pixels, milliseconds, alphas = photo(width, height), {}, {}
        for refine in ("guided", "matting"):
            with faceseg.Session(refine=refine, smallest_head=-1) as session:
                session.run(pixels)
                alphas[refine], milliseconds[refine] = least(lambda: session.alpha("head"))
        _, colors = least(lambda: faceseg.foreground(pixels, alphas["matting"]))
        differs = np.mean(np.abs(alphas["guided"] - alphas["matting"]) > 0.1)
        print(
            f"| {width} x {height} | {milliseconds['guided']:.1f} | {milliseconds['matting']:.0f} | {colors:.0f} "
            f"| {differs:.1%} |"
        )


if __name__ == "__main__":
    main()
