"""The built-in network on LFW part labels' validation photos by what is seen in them: one `faceseg evaluate` for each
condition, as a table.

    python benchmarks/conditions.py [FACESEG [DATA]]        build/faceseg, ../shared/data

The lists in benchmarks/conditions were made by looking at each photo. Skin is told by its colour in the photo, not by
the person: the individual typology angle atan((L* - 50) / b*) of the median of the pixels labelled face (Chardon and
others, "Skin colour typology and suntanning pathways", 1991), so harsh light counts as light skin and shade as dark.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "conditions")
SKIN = (("skin light", 41, 91), ("skin intermediate", 28, 41), ("skin tan", 10, 28), ("skin dark", -91, 10))


def lab(rgb):
    """CIE L*, a*, b* (D65) of an sRGB colour, 0 to 255."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.asarray(rgb) / 255]
    x, y, z = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x / 0.95047, y, z / 1.08883)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def angle(photo, mask):
    rgb, labels = np.asarray(Image.open(photo).convert("RGB")), np.asarray(Image.open(mask))
    lightness, _, yellow = lab(np.median(rgb[labels == 1], axis=0))
    return math.degrees(math.atan2(lightness - 50, yellow))


def evaluate(faceseg, data, names):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(names) + "\n")
        file.flush()
        command = [faceseg, "evaluate", "--data", data, "--split", "val", "--list", file.name, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["sets"][0]


def main():
    faceseg = sys.argv[1] if len(sys.argv) > 1 else "build/faceseg"
    data = os.path.join(sys.argv[2] if len(sys.argv) > 2 else "../shared/data", "lfw-part-labels")
    every = sorted(os.path.splitext(name)[0] for name in os.listdir(f"{data}/images/val"))
    groups = [("all", every)]
    for name in sorted(os.listdir(HERE)):
        with open(os.path.join(HERE, name)) as file:
            groups.append((name[:-4].replace("_", " "), file.read().split()))
    angles = {name: angle(f"{data}/images/val/{name}.jpg", f"{data}/masks/val/{name}.png") for name in every}
    groups += [(title, [n for n in every if low <= angles[n] < high]) for title, low, high in SKIN]
    print("| photos with | number | pixel accuracy | F1 background | face | hair | mean |\n|---|---|---|---|---|---|---|")
    for title, names in groups:
        scores = evaluate(faceseg, data, names)
        f1 = " | ".join(f"{100 * c['f1']:.2f}" for c in scores["classes"])
        print(f"| {title} | {len(names)} | {100 * scores['pixel_accuracy']:.2f} | {f1} | {100 * scores['mean_f1']:.2f} |")


if __name__ == "__main__":
    main()
