"""Draws faces that nobody has: photos and masks for trying the trainer without a data set.

    python examples/training/synthetic_faces.py FOLDER [TRAIN VAL]

Writes FOLDER/images/train, masks/train, images/val and masks/val: 96 x 96 pixels, an oval face with eyes and mouth,
hair behind and above it, on a background of blobs; masks of 0 background, 1 face, 2 hair. The same numbers give the
same pictures.
"""

import os
import sys

import cv2
import numpy as np

SIDE = 96


def ellipse(canvas, centre, axes, color):
    cv2.ellipse(canvas, tuple(map(int, centre)), tuple(map(int, axes)), 0, 0, 360, color, -1, cv2.LINE_AA)


def background(random):
    photo = np.full((SIDE, SIDE, 3), random.integers(40, 216, 3), np.uint8)
    for _ in range(12):
        ellipse(photo, random.integers(0, SIDE, 2), random.integers(4, 30, 2), random.integers(0, 256, 3).tolist())
    return cv2.GaussianBlur(photo, (0, 0), float(random.uniform(0.5, 3)))


def face(random):
    """A photo, and its labels."""
    photo, labels = background(random), np.zeros((SIDE, SIDE), np.uint8)
    width = random.uniform(10, 24)
    height, centre = width * random.uniform(1.15, 1.4), random.uniform(26, SIDE - 26, 2)
    skin = np.array([120, 160, 210]) * random.uniform(0.45, 1.15) + random.uniform(-12, 12, 3)
    hair = np.array([40, 60, 90]) * random.uniform(0.2, 2.2) + random.uniform(-10, 10, 3)
    above = centre - (0, height * random.uniform(0.25, 0.45))
    behind = (width * random.uniform(1.1, 1.35), height * random.uniform(0.85, 1.2))
    parts = [(above, behind, hair, 2), (centre, (width, height), skin, 1)]
    for at, axes, color, label in parts:
        ellipse(photo, at, axes, np.clip(color, 0, 255).tolist())
        hard = np.zeros_like(labels)
        cv2.ellipse(hard, tuple(map(int, at)), tuple(map(int, axes)), 0, 0, 360, 1, -1)
        labels[hard > 0] = label
    for side in (-1, 1):
        ellipse(photo, centre + (side * width * 0.4, -height * 0.15), (width * 0.12, width * 0.08), (30, 30, 30))
    ellipse(photo, centre + (0, height * 0.45), (width * 0.35, width * 0.1), (60, 60, 150))
    noise = random.normal(0, random.uniform(1, 8), photo.shape)
    return np.clip(photo * random.uniform(0.6, 1.2) + noise, 0, 255).astype(np.uint8), labels


def main():
    folder, counts = sys.argv[1], list(map(int, sys.argv[2:4])) or [120, 24]
    for seed, (split, count) in enumerate(zip(("train", "val"), counts)):
        random = np.random.default_rng(seed)
        for kind in ("images", "masks"):
            os.makedirs(os.path.join(folder, kind, split), exist_ok=True)
        for i in range(count):
            photo, labels = face(random)
            cv2.imwrite(os.path.join(folder, "images", split, f"{i:03}.png"), photo)
            cv2.imwrite(os.path.join(folder, "masks", split, f"{i:03}.png"), labels)


if __name__ == "__main__":
    main()
