"""Heads found in groups of people, by their height: people cut out by their silhouettes stand before and beside each
other on pictures without people.

    python benchmarks/groups.py [DATA] [--groups N]

DATA (../shared/data) holds crowds, with persons/ beside masks/, and backgrounds; of both the last 60, which nothing is
trained on. A head counts if half of it is seen; it is found if its pixels and an instance's have an IoU of 0.5 or more.
"""

import argparse
import random

import numpy as np
from PIL import Image

import faceseg
from crowds import names, overlaps

BINS = (16, 24, 48, 100, 401)
WIDTH, HEIGHT = 1600, 1000


def people(data):
    """Photos, silhouettes and labels (0, 1 face, 2 hair, 255 not known) cut to the person."""
    found = []
    for path in names(f"{data}/crowds/persons/train")[-60:]:
        person, labels = (np.array(Image.open(p)) for p in (path, path.replace("/persons/", "/masks/")))
        photo = Image.open(path.replace("/persons/", "/images/").rsplit(".", 1)[0] + ".jpg").convert("RGB")
        down, across = (np.ptp(where) for where in np.nonzero(np.isin(labels, (1, 2)) & (person > 0)))
        if across > down:  # two people in one silhouette
            continue
        rows, columns = np.nonzero(person)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        found.append([im.crop(box) for im in (photo, Image.fromarray(person), Image.fromarray(labels))])
    return found


class Group:
    """A picture and its heads' numbers from 1, 0 where there is none, and their heights."""

    def __init__(self, ground, everyone, seed):
        chance = random.Random(seed)
        ground = Image.open(chance.choice(ground)).convert("RGB").resize((WIDTH, HEIGHT), Image.BICUBIC)
        self.rgb = np.array(ground)
        self.numbers = np.zeros((HEIGHT, WIDTH), np.int64)
        self.whole, self.heights = [], []
        count, scale = chance.randint(3, 20), 2 ** chance.uniform(-1, 1)
        for back in range(count):  # those behind stand higher and come first
            depth = 0.75 + 0.25 * back / count
            self._stand(chance.choice(everyone), scale * depth * chance.uniform(0.9, 1.1), depth, chance)
        seen = np.bincount(self.numbers.ravel(), minlength=count + 1)[1:]
        self.counts = [i for i in range(count) if seen[i] >= 0.5 * self.whole[i]]

    def _stand(self, person, scale, depth, chance):
        size = max(round(person[0].width * scale), 1), max(round(person[0].height * scale), 1)
        photo = np.array(person[0].resize(size, Image.BOX if scale < 1 else Image.BICUBIC))
        silhouette, labels = (np.array(im.resize(size, Image.NEAREST)) for im in person[1:])
        x, y = chance.randint(0, WIDTH - size[0]), round(HEIGHT * depth) - size[1] + chance.randint(0, size[1] // 3)
        top, bottom = max(y, 0), min(y + size[1], HEIGHT)
        area, part = np.s_[top:bottom, x : x + size[0]], np.s_[top - y : bottom - y]
        silhouette, head = silhouette[part] > 0, np.isin(labels[part], (1, 2))
        self.rgb[area][silhouette] = photo[part][silhouette]
        self.numbers[area][silhouette] = np.where(head, len(self.whole) + 1, 0)[silhouette]
        rows = np.nonzero((head & silhouette).any(1))[0]
        self.whole.append(max(int((np.isin(labels, (1, 2))).sum()), 1))
        self.heights.append(int(np.ptp(rows)) + 1 if len(rows) else 0)


def is_beside(numbers, index):
    """Whether another head is within 4 pixels of this one's rectangle."""
    rows, columns = np.nonzero(numbers == index + 1)
    near = numbers[max(rows.min() - 4, 0) : rows.max() + 5, max(columns.min() - 4, 0) : columns.max() + 5]
    return bool(np.any((near > 0) & (near != index + 1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="?", default="../shared/data")
    parser.add_argument("--groups", type=int, default=60)
    arguments = parser.parse_args()
    everyone, grounds = people(arguments.data), names(f"{arguments.data}/backgrounds/images/train")[-60:]
    session = faceseg.Session(precision="fast", smallest_head=16)
    found = [[] for _ in BINS[1:]]
    beside = {False: [], True: []}
    false = 0
    for seed in range(arguments.groups):
        group = Group(grounds, everyone, seed)
        session.run(group.rgb)
        numbers = np.zeros((HEIGHT, WIDTH), np.uint8)
        session.heads(numbers)
        iou, both = overlaps(group.numbers, numbers)
        for index in group.counts:
            height = group.heights[index]
            if BINS[0] <= height < BINS[-1]:
                size = max(i for i, least in enumerate(BINS[:-1]) if height >= least)
                is_found = bool(iou.shape[1] > 0 and iou[index].max() >= 0.5)
                found[size].append(is_found)
                if height >= 48:
                    beside[is_beside(group.numbers, index)].append(is_found)
        sizes = both.sum(0)[1:]
        false += int(((both[0, 1:] > 0.9 * sizes) & (sizes > 0)).sum())
    print("| head's height | heads | found, % |\n|---|---|---|")
    for (least, behind), hits in zip(zip(BINS, BINS[1:]), found):
        print(f"| {least} to {behind - 1} | {len(hits)} | {100 * sum(hits) / max(len(hits), 1):.1f} |")
    alone, near = (100 * np.mean(beside[is_near]) for is_near in (False, True))
    print(f"of 48 pixels and more: {alone:.1f} % of those alone, {near:.1f} % of those beside others")
    print(f"{false} found where there is no head, in {arguments.groups} groups")


if __name__ == "__main__":
    main()
