"""Heads found in mosaics of known heads, by their height: recall, overlap, false ones; and in pictures without people.

    python benchmarks/crowds.py [DATA] [--model M] [--mosaics N]

DATA (../shared/data) holds lfw-part-labels, celebamask-mini and backgrounds in folders by split, as `faceseg evaluate`
reads them; of them only photos that nothing is trained on are used. A mosaic has 2 to 30 heads, rectangles about them of
the photos, on a picture without people; in every third they touch. A head counts as found if its pixels and an
instance's have an IoU of 0.5 or more.
"""

import argparse
import os
import random
import time

import numpy as np
from PIL import Image

import faceseg

BINS = (24, 48, 100, 200, 400, 1001)


def names(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


def heads(data):
    """Paths of photos and masks."""
    pairs = [(p, p.replace("/images/", "/masks/")) for p in names(f"{data}/lfw-part-labels/images/val")]
    pairs += [(p, p.replace("/images/", "/masks/")) for p in names(f"{data}/celebamask-mini/images/train")[-100:]]
    return [(photo, os.path.splitext(mask)[0] + ".png") for photo, mask in pairs]


def cut(pair, margin):
    """The photo and its mask about the head: RGB (H, W, 3), labels (H, W), the head's height."""
    photo, mask = Image.open(pair[0]).convert("RGB"), Image.open(pair[1])
    labels = np.array(mask)
    rows, columns = np.nonzero((labels == 1) | (labels == 2))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    left, top = max(columns.min() - int(margin * width), 0), max(rows.min() - int(margin * height), 0)
    box = (left, top, min(columns.max() + int(margin * width), photo.width), min(rows.max() + 1, photo.height))
    return photo.crop(box), mask.crop(box), height


class Mosaic:
    """A picture, its labels (255: not known) and its heads' numbers from 1."""

    def __init__(self, ground, pairs, seed):
        chance = random.Random(seed)
        self.width, self.height = chance.randint(1000, 2400), chance.randint(800, 1600)
        ground = Image.open(chance.choice(ground)).convert("RGB").resize((self.width, self.height), Image.BICUBIC)
        self.rgb = np.array(ground)
        self.labels = np.zeros((self.height, self.width), np.uint8)
        self.numbers = np.zeros((self.height, self.width), np.uint8)
        self.heights, self.boxes, touch = [], [], seed % 3 == 0
        for _ in range(chance.randint(2, 30)):
            self._paste(cut(chance.choice(pairs), 0.05 if touch else 0.3), chance, touch)

    def _paste(self, piece, chance, touch):
        photo, mask, head = piece
        height = 24 * (min(1000, self.height * 0.9) / 24) ** chance.random()  # even on a logarithmic scale
        scale = height / head
        size = max(round(photo.width * scale), 1), max(round(photo.height * scale), 1)
        place = self._place(size, chance, touch)
        if place is None:
            return
        (x, y), (w, h) = place, size
        labels = np.array(mask.resize(size, Image.NEAREST))
        area = np.s_[y : y + h, x : x + w]
        self.rgb[area] = np.array(photo.resize(size, Image.BOX if scale < 1 else Image.BICUBIC))
        self.labels[area] = labels
        self.heights.append(height)
        self.boxes.append((x, y, x + w, y + h))
        self.numbers[area] = np.where((labels == 1) | (labels == 2), len(self.heights), 0)

    def _place(self, size, chance, touch):
        for _ in range(200):
            x, y = (chance.randint(0, max(full - side, 0)) for full, side in zip((self.width, self.height), size))
            if touch and self.boxes and chance.random() < 0.8:  # beside another
                left, top, right, bottom = chance.choice(self.boxes)
                x, y = chance.choice((right, left - size[0])), bottom - size[1] + chance.randint(-size[1] // 4, 0)
            box = (x, y, x + size[0], y + size[1])
            if x < 0 or y < 0 or box[2] > self.width or box[3] > self.height:
                continue
            if all(box[2] <= b[0] or b[2] <= box[0] or box[3] <= b[1] or b[3] <= box[1] for b in self.boxes):
                return x, y
        return None


def overlaps(truth, found):
    """IoU of each true head with each found one: (true, found)."""
    count = int(truth.max()) + 1, int(found.max()) + 1
    both = np.bincount(truth.ravel().astype(np.int64) * count[1] + found.ravel(), minlength=count[0] * count[1])
    both = both.reshape(count)
    union = both.sum(1, keepdims=True) + both.sum(0, keepdims=True) - both
    return (both / np.maximum(union, 1))[1:, 1:], both


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="?", default="../shared/data")
    parser.add_argument("--model")
    parser.add_argument("--mosaics", type=int, default=60)
    arguments = parser.parse_args()
    pairs, grounds = heads(arguments.data), names(f"{arguments.data}/backgrounds/images/train")[-60:]
    session = faceseg.Session(faceseg.Model(arguments.model) if arguments.model else None, precision="fast")
    found = [[] for _ in BINS[1:]]
    confusion = [np.zeros((3, 3), np.int64) for _ in BINS[1:]]
    false, true, seconds, pixels = 0, 0, 0.0, 0
    for seed in range(arguments.mosaics):
        mosaic = Mosaic(grounds, pairs, seed)
        start = time.perf_counter()
        labels = session.segment(mosaic.rgb)
        seconds, pixels = seconds + time.perf_counter() - start, pixels + labels.size
        numbers = np.zeros_like(labels)
        session.heads(numbers)
        iou, both = overlaps(mosaic.numbers, numbers)
        best = iou.max(1) if iou.shape[1] else np.zeros(len(iou))
        for index, height in enumerate(mosaic.heights):
            size = max(i for i, least in enumerate(BINS[:-1]) if height >= least - 1e-6)
            found[size].append(best[index] >= 0.5)
            x, y, right, bottom = mosaic.boxes[index]
            area = np.s_[y:bottom, x:right]
            known = mosaic.labels[area] < 3
            confusion[size] += np.bincount(
                mosaic.labels[area][known].astype(np.int64) * 3 + labels[area][known], minlength=9).reshape(3, 3)
        inside = np.zeros(labels.shape, bool)
        for x, y, right, bottom in mosaic.boxes:
            inside[y:bottom, x:right] = True
        sizes = np.bincount(numbers.ravel(), minlength=256)[1:]
        held = np.bincount(numbers[inside], minlength=256)[1:]
        false += int(((held < sizes * 0.1) & (sizes > 0)).sum())
        true += len(mosaic.heights)
    print("| head's height | heads | found, % | F1 face | F1 hair |\n|---|---|---|---|---|")
    for index, (least, behind) in enumerate(zip(BINS, BINS[1:])):
        table = confusion[index]
        face, hair = (200 * table[c, c] / max(table[c].sum() + table[:, c].sum(), 1) for c in (1, 2))
        share = 100 * sum(found[index]) / max(len(found[index]), 1)
        print(f"| {least} to {behind - 1} | {len(found[index])} | {share:.1f} | {face:.1f} | {hair:.1f} |")
    print(f"{true} heads, {false} found where none was pasted; {1e9 * seconds / pixels:.0f} ms a megapixel of the photo")
    wrong = sum(len(session.heads()) > 0 for path in grounds if session.run(Image.open(path).convert("RGB")) is None)
    print(f"{wrong} of {len(grounds)} pictures without people have a head")


if __name__ == "__main__":
    main()
