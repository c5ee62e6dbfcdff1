"""Accuracy on labelled photos, exact and fast: pixel accuracy, F1 of each class, and how often fast mode agrees.

    make accuracy         of the built-in network
    make quarter-width    of the network that quarter_width.py trains, given as CAFFEMODEL PROTOTXT

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


def confusion(model, pairs):
    """By precision, how many pixels of true class i are labelled j; of each photo the share of pixels that fast mode
    labels as exact mode does."""
    sessions = {precision: faceseg.Session(model, precision=precision) for precision in ("exact", "fast")}
    matrices = {precision: np.zeros((3, 3), np.int64) for precision in sessions}
    same = []
    for photo, mask in pairs:
        image, truth = Image.open(photo).convert("RGB"), np.asarray(Image.open(mask)).astype(np.int64)
        labels = {precision: session.segment(image) for precision, session in sessions.items()}
        for precision, found in labels.items():
            matrices[precision] += np.bincount((truth * 3 + found).reshape(-1), minlength=9).reshape(3, 3)
        same.append((labels["exact"] == labels["fast"]).mean())
    return matrices, same


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
    model = None
    if len(sys.argv) > 3:
        model = faceseg.Model(sys.argv[2], prototxt=sys.argv[3], working_size=-1, reduce_size=-1)
    if not os.path.isdir(f"{data}/lfw-part-labels"):
        sys.exit(f"{data}/lfw-part-labels is not there: make accuracy DATA=FOLDER (CONTRIBUTING.md says what is in it)")
    for name, folder, split, last in (
        ("LFW part labels, validation", "lfw-part-labels", "val", None),
        ("CelebAMask, last file names, perhaps trained on", "celebamask-mini", "train", 100),
    ):
        found = list(pairs(f"{data}/{folder}/images/{split}", f"{data}/{folder}/masks/{split}"))
        chosen = found[-last:] if last else found
        matrices, same = confusion(model, chosen)
        for precision, matrix in matrices.items():
            report(f"{name}, {precision}", len(chosen), matrix)
        print(f"  fast mode gives {100 * np.mean(same):.3f} % of the pixels the same label, {100 * min(same):.2f} % at least")


if __name__ == "__main__":
    main()
