"""Accuracy of the built-in network on labelled photos: pixel accuracy and F1 of each class.

    make accuracy

LFW part labels' validation split (500) as it is labelled, and the last 100 file names of celebamask-mini, which the
network may have been trained on. Masks hold 0 background, 1 face, 2 hair. F1 of a class is 2 n_ii / (true + predicted)
over all pixels of a set.
"""

import os
import sys

import numpy as np
from PIL import Image

import faceseg


def pairs(images, masks):
    """Photos of a folder in the order of their names, each with the mask of the same name."""
    for name in sorted(os.listdir(images)):
        yield os.path.join(images, name), os.path.join(masks, os.path.splitext(name)[0] + ".png")


def confusion(pairs):
    """How many pixels of true class i are labelled j."""
    matrix = np.zeros((3, 3), np.int64)
    with faceseg.Session() as session:
        for photo, mask in pairs:
            labels = session.segment(Image.open(photo).convert("RGB"))
            truth = np.asarray(Image.open(mask)).astype(np.int64)
            matrix += np.bincount((truth * 3 + labels).reshape(-1), minlength=9).reshape(3, 3)
    return matrix


def report(name, count, matrix):
    right = np.diag(matrix)
    f1 = 2 * right / (matrix.sum(0) + matrix.sum(1)) * 100
    scores = " / ".join(f"{score:.2f}" for score in f1)
    print(
        f"{name} ({count}): pixel accuracy {right.sum() / matrix.sum() * 100:.2f} %, "
        f"F1 background / face / hair {scores}, mean {f1.mean():.2f}"
    )


def main():
    data = sys.argv[1] if len(sys.argv) > 1 else "../shared/data"
    if not os.path.isdir(f"{data}/lfw-part-labels"):
        sys.exit(f"{data}/lfw-part-labels is not there: make accuracy DATA=FOLDER (CONTRIBUTING.md says what is in it)")
    for name, folder, split, last in (
        ("LFW part labels, validation", "lfw-part-labels", "val", None),
        ("CelebAMask, last file names, perhaps trained on", "celebamask-mini", "train", 100),
    ):
        found = list(pairs(f"{data}/{folder}/images/{split}", f"{data}/{folder}/masks/{split}"))
        chosen = found[-last:] if last else found
        report(name, len(chosen), confusion(chosen))


if __name__ == "__main__":
    main()
