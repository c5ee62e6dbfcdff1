"""How long heads are looked for: the coarse pass over a photo's pyramid, and the second looks at what it found.

    python benchmarks/coarse.py [DATA] [--size 4000x3000] [--smallest 24] [--runs 5]

Six pictures without people, DATA/backgrounds's last, enlarged; each is run so often, and the least of each time counts.
What a run is doing is told by the share that its progress function gets: 0.2 when the whole was seen, 0.5 when the
coarse pass ended. The pyramid's pixels are those of its levels, what neighbouring tiles share counted once.
"""

import argparse
import os
import statistics
import time

import numpy as np
from PIL import Image

import faceseg

HEAD, WHOLE = 18, 256  # pixels: the smallest head in the network's picture, and the whole photo's longest side


def pyramid(width, height, smallest):
    """Megapixels of all levels but the whole photo's."""
    scale, pixels = min(HEAD / smallest, 1), 0
    while max(width, height) * scale > 1.2 * WHOLE:
        pixels += width * height * scale**2
        scale /= 2
    return pixels / 1e6


def times(session, photo):
    """Milliseconds of the coarse pass and of the looks after it."""
    marks = []
    session.run(photo, progress=lambda share: marks.append((share, time.perf_counter())) or True)
    whole = max(at for share, at in marks if share <= 0.2001)
    coarse = max(at for share, at in marks if share <= 0.5001)
    return 1e3 * (coarse - whole), 1e3 * (marks[-1][1] - coarse)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default="../shared/data")
    parser.add_argument("--size", default="4000x3000")
    parser.add_argument("--smallest", type=int, default=24)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--precision", default="fast", choices=("exact", "fast"))
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    folder = os.path.join(arguments.data, "backgrounds/images/train")
    session = faceseg.Session(precision=arguments.precision, smallest_head=arguments.smallest)
    megapixels, all_coarse = pyramid(width, height, arguments.smallest), []
    print("| picture | coarse pass, ms | a megapixel of the pyramid | second looks, ms |\n|---|---|---|---|")
    for name in sorted(os.listdir(folder))[-6:]:
        photo = np.asarray(Image.open(os.path.join(folder, name)).convert("RGB").resize((width, height)))
        coarse, looks = map(min, zip(*(times(session, photo) for _ in range(arguments.runs))))
        all_coarse.append(coarse / megapixels)
        print(f"| {name} | {coarse:.0f} | {coarse / megapixels:.1f} | {looks:.0f} |")
    print(f"{arguments.size}, {megapixels:.2f} megapixels of pyramid; median {statistics.median(all_coarse):.1f} ms each")


if __name__ == "__main__":
    main()
