"""Steady sessions on clips of known masks: flicker, F1 and milliseconds a frame, with and without `steady`.

    python benchmarks/steady.py [DATA] [--photos N] [--refine guided|none] [--kinds "a;b"] [--time]

DATA (../shared/data) holds lfw-part-labels, celebamask-mini and backgrounds; of them only photos that nothing is trained
on are used. A clip has 12 frames of 1280 x 720, made of one photo: still, panned so that the head goes a third of its
width in 10 frames, the head alone going so far before a picture without people, enlarged by a third, in light that
jumps by 30 %, cut to another photo. Frames have a sensor's noise: sigma 0.02 of full scale, Gaussian, or as large at mid
grey and growing with the square root of the light. Flicker is the share of pixels whose class changes from one frame
to the next, the first two frames left out. F1 is the mean of background, face and hair, over all frames, and over those
right after a step of light or a cut alone.
"""

import argparse
import os
import time

import cv2
import numpy as np
from PIL import Image

import faceseg

WIDTH, HEIGHT, FRAMES, SIGMA = 1280, 720, 12, 0.02
KINDS = ("still", "still, Poisson", "pan", "head moves", "zoom", "light steps", "cut")


def names(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


def pairs(data, count):
    """RGB and labels (0, 1, 2) of every so many photos, half of them of each set."""
    paths = [names(f"{data}/celebamask-mini/images/train")[-100:], names(f"{data}/lfw-part-labels/images/val")]
    chosen = [path for path, _ in zip((p for both in zip(*(s[:: 2 * len(s) // count] for s in paths)) for p in both),
                                      range(count))]
    for path in chosen:
        mask = os.path.splitext(path.replace("/images/", "/masks/"))[0] + ".png"
        yield cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB), np.array(Image.open(mask))


class Subject:
    """A photo with its mask, as a camera sees it."""

    def __init__(self, rgb, labels):
        self.rgb, self.labels = rgb, labels
        columns = np.flatnonzero((labels > 0).any(0))
        self.fit = 0.95 * HEIGHT / rgb.shape[0]  # pixels of a frame a pixel of the photo
        self.head = np.ptp(columns) * self.fit if len(columns) else HEIGHT / 3

    def _map(self, image, scale, x, **how):
        height, width = self.labels.shape
        place = np.float32([[scale, 0, WIDTH / 2 + x - scale * width / 2], [0, scale, (HEIGHT - scale * height) / 2]])
        return cv2.warpAffine(image, place, (WIDTH, HEIGHT), **how)

    def seen(self, scale=1.0, x=0.0, ground=None):
        """Floats (H, W, 3) and labels, 255 outside of the photo; before `ground`, the head alone."""
        scale *= self.fit
        rgb = self._map(self.rgb.astype(np.float32), scale, x, flags=cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_REFLECT_101)
        labels = self._map(self.labels, scale, x, flags=cv2.INTER_NEAREST, borderValue=255)
        if ground is None:
            return rgb, labels
        alpha = self._map((self.labels > 0).astype(np.float32), scale, x, flags=cv2.INTER_LINEAR)[..., None]
        return alpha * rgb + (1 - alpha) * ground, np.where(labels == 255, 0, labels)


def frames(kind, subject, other, ground):
    """Noiseless frames, labels, and whether a step or a cut came right before."""
    for t in range(FRAMES):
        along, new = subject.head / 3 * (t / 10 - 0.5), False
        if kind == "pan":
            rgb, labels = subject.seen(x=along)
        elif kind == "head moves":
            rgb, labels = subject.seen(0.8, 0.8 * along, ground)
        elif kind == "zoom":
            rgb, labels = subject.seen(0.8 + 0.026 * t)
        elif kind == "cut" and t >= 6:
            (rgb, labels), new = other.seen(0.8, 40), t == 6
        else:
            rgb, labels = subject.seen()
        if kind == "light steps":
            rgb, new = rgb * (1, 1, 1.3, 1.3)[t % 4], t > 0 and t % 2 == 0
        yield rgb, labels, new


def noisy(rgb, kind, chance):
    noise = chance.standard_normal(rgb.shape, np.float32) * (255 * SIGMA)
    if kind.endswith("Poisson"):
        noise *= np.sqrt(np.maximum(rgb, 0) / 128)
    return np.clip(np.rint(rgb + noise), 0, 255).astype(np.uint8)


def mean_f1(table):
    return np.mean([200 * table[c, c] / max(table[c].sum() + table[:, c].sum(), 1) for c in range(3)])


class Score:
    """Of the two sessions' labels: single frames and steady."""

    def __init__(self):
        self.tables, self.new = np.zeros((2, 3, 3), np.int64), np.zeros((2, 3, 3), np.int64)
        self.changed, self.pairs = np.zeros(2), 0

    def add(self, both, before, labels, is_new, counts):
        known = labels < 3
        for index, found in enumerate(both):
            table = np.bincount(labels[known].astype(np.int64) * 3 + found[known], minlength=9).reshape(3, 3)
            self.tables[index] += table
            self.new[index] += table * is_new
            if counts:
                self.changed[index] += (found != before[index]).mean()
        self.pairs += counts

    def row(self, kind):
        single, steady = 100 * self.changed / self.pairs
        scores = [f"{mean_f1(t):.2f}" if t.any() else "" for t in (*self.tables, *self.new)]
        return f"| {kind} | {single:.3f} | {steady:.3f} | {single / max(steady, 1e-9):.1f} | {' | '.join(scores)} |"


def quality(arguments):
    sessions = [faceseg.Session(precision="fast", refine=arguments.refine, smallest_head=-1, steady=s)
                for s in (False, True)]
    subjects = [Subject(*pair) for pair in pairs(arguments.data, arguments.photos)]
    grounds = [cv2.resize(cv2.imread(path)[..., ::-1], (WIDTH, HEIGHT)).astype(np.float32)
               for path in names(f"{arguments.data}/backgrounds/images/train")[-60:][:: max(60 // len(subjects), 1)]]
    print("| clip | flicker single, % | steady, % | times less | F1 single | F1 steady | after steps: single | steady |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in arguments.kinds.split(";"):
        score = Score()
        for index, subject in enumerate(subjects):
            chance, before = np.random.default_rng(index), None
            sessions[1].begin_video()
            scenes = frames(kind, subject, subjects[(index + 1) % len(subjects)], grounds[index % len(grounds)])
            for t, (rgb, labels, is_new) in enumerate(scenes):
                frame = noisy(rgb, kind, chance)
                both = [session.segment(frame) for session in sessions]
                assert t > 0 or (both[0] == both[1]).all(), "a first frame is as without"
                score.add(both, before, labels, is_new, t > 1)
                before = both
        print(score.row(kind), flush=True)


def times(arguments):
    """The least milliseconds of a frame, RGB to labels, the sessions in turn."""
    subject, chance = Subject(*next(pairs(arguments.data, 2))), np.random.default_rng(0)
    clip = [noisy(rgb, "pan", chance) for rgb, _, _ in frames("pan", subject, None, None)]
    labels = np.empty((HEIGHT, WIDTH), np.uint8)
    for threads in (2, 1):
        for refine in ("guided", "none"):
            sessions = [faceseg.Session(precision="fast", threads=threads, refine=refine, steady=s)
                        for s in (False, True)]
            least = [1e9, 1e9]
            for turn in range(40):
                for index, session in enumerate(sessions):
                    for frame in clip[:: 1 if turn % 2 else -1]:
                        start = time.perf_counter()
                        session.segment(frame, out=labels)
                        least[index] = min(least[index], 1000 * (time.perf_counter() - start))
            print(f"{threads} threads, {refine}: {least[0]:.2f} ms, steady {least[1]:.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="?", default="../shared/data")
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--refine", default="guided")
    parser.add_argument("--kinds", default=";".join(KINDS), help="by semicolons")
    parser.add_argument("--time", action="store_true", help="milliseconds only")
    arguments = parser.parse_args()
    (times if arguments.time else quality)(arguments)


if __name__ == "__main__":
    main()
