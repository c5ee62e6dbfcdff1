"""Runs random nets here, in exact mode and in fast mode, and in peers that are not ours. Prints one line for a net that
differs, which replays it alone.

    make test-peers NETS=2000          seeds 0 to 1999
    make test-peers REPLAY=1234        one, with the error of each blob
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter

import numpy as np

import opencv_peer
import torch_peer
from caffe_files import caffemodel, prototxt
from fast_mode import FastMode
from random_nets import RandomNet

import faceseg

# Of the largest number of a blob. PyTorch computes in double precision; OpenCV rounds functions like tanh itself, and
# Winograd's transforms more than sums of products.
TOLERANCES = {"PyTorch": 2e-5, "OpenCV": 1e-4}
WINOGRAD_TOLERANCE = 1e-4


def may_be_transformed(layer):
    """A convolution whose kernel is a square of 3, 5 or 7 and which has the channels for it."""
    weights = layer.blobs[0].shape if layer.type == "Convolution" else ()
    return len(weights) == 4 and min(weights[:2]) >= 16 and weights[2] == weights[3] and weights[2] in (3, 5, 7)


def tolerance(net, peer):
    return WINOGRAD_TOLERANCE if any(map(may_be_transformed, net.layers)) else TOLERANCES[peer]


def error(ours, theirs):
    """The largest difference, as a share of the largest number; infinite for shapes that differ."""
    if ours.ndim == 1 and theirs.shape == (ours.size, 1):  # OpenCV's matrices have two dimensions at least
        theirs = theirs.reshape(-1)
    if ours.shape != theirs.shape:
        return float("inf")
    largest = float(np.abs(theirs).max())
    return float(np.abs(ours - theirs).max()) / (largest or 1)


def ours(net, inputs, blobs, seed, folder):
    """Blobs by FaceSeg in either precision: from one file or two."""
    path = os.path.join(folder, "net")
    alone = seed % 2 == 0 and not net.is_text_only
    with open(path + ".caffemodel", "wb") as file:
        file.write(caffemodel(net, with_structure=alone))
    with open(path + ".prototxt", "w") as file:
        file.write(prototxt(net))
    arrays = [inputs[name] for name in net.inputs]
    with faceseg.Model(path + ".caffemodel", prototxt=None if alone else path + ".prototxt") as model:
        results = {precision: forward(model, arrays, blobs, precision) for precision in ("exact", "fast")}
        results["bands"] = in_least_memory(model, arrays, results["exact"])
        return results


def forward(model, arrays, blobs, precision):
    """With one thread and with two, which must give the same bits."""
    results = []
    for threads in (1, 2):
        with faceseg.Session(model, threads=threads, precision=precision) as session:
            results.append({blob: session.forward(arrays, blob) for blob in blobs})
    for blob in blobs:
        if results[0][blob].tobytes() != results[1][blob].tobytes():
            raise AssertionError(f"blob {blob}, {precision} mode: one thread and two give different bits")
    return results[0]


def in_least_memory(model, arrays, exact):
    """Computes each blob in the least memory that it takes, by bands of rows where that is less, which must give exact
    mode's bits. Returns for how many."""
    count = 0
    for blob, array in exact.items():
        try:
            with faceseg.Session(model, threads=2, memory_limit=1) as session:
                session.forward(arrays, blob)
        except faceseg.FaceSegError as refusal:
            least = int(str(refusal).split(" bytes")[0])
        else:
            continue  # an input, or what needs no memory
        with faceseg.Session(model, threads=2, memory_limit=least) as session:
            if session.forward(arrays, blob).tobytes() != array.tobytes():
                raise AssertionError(f"blob {blob}: {least} bytes of memory give other bits")
        count += 1
    return count


def wanted(net, made, seed):
    """All outputs, and one blob on the way."""
    on_the_way = sorted(set(made) - set(net.outputs) - set(net.inputs))
    return net.outputs + ([on_the_way[seed % len(on_the_way)]] if on_the_way else [])


class Tally:
    def __init__(self):
        self.peers, self.refused, self.types = Counter(), Counter(), Counter()
        self.failed, self.largest, self.banded = set(), Counter(), 0
        self.fast = FastMode(error)

    def run(self, seed, folder, verbose=False):
        made = RandomNet(seed)
        net, inputs = made.net, made.inputs
        blobs = wanted(net, made.double, seed)
        self.types.update(layer.type for layer in net.layers)
        try:
            results = ours(net, inputs, blobs, seed, folder)
            got, self.banded = results["exact"], self.banded + results["bands"]
        except (faceseg.FaceSegError, AssertionError) as reason:
            return self.fail(seed, str(reason))
        try:
            differences = self.fast.compare(made, got, results["fast"])
            if verbose:
                print("fast mode", differences)
        except AssertionError as reason:
            self.fail(seed, str(reason))
        for peer, theirs in self.peer_results(made, blobs):
            if not theirs:
                continue
            errors = {blob: error(got[blob], theirs[blob]) for blob in theirs}
            worst = max(errors, key=errors.get)
            self.largest[peer] = max(self.largest[peer], errors[worst])
            self.peers[peer] += 1
            if verbose:
                print(peer, errors)
            if not errors[worst] <= tolerance(net, peer):
                shapes = f"{got[worst].shape} here, {theirs[worst].shape} there"
                self.fail(seed, f"{peer}: blob {worst} differs by {errors[worst]:.1e} of its largest number ({shapes})")

    def peer_results(self, made, blobs):
        yield "PyTorch", {blob: made.double[blob].numpy() for blob in blobs}
        against = opencv_peer.reason_against(made.net, {blob: made.shape(blob) for blob in made.double})
        if against:
            self.refused[against] += 1
            return
        try:
            yield "OpenCV", opencv_peer.run(made.net, made.inputs, blobs)
        except opencv_peer.cv2.error as reason:
            self.refused["OpenCV: " + str(reason).split("error:")[-1].strip()[:90]] += 1

    def fail(self, seed, what):
        self.failed.add(seed)
        print(f"FAILED: {what}\n    replay: make test-peers REPLAY={seed}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", type=int, help="one seed, with its files left in the folder that is printed")
    options = parser.parse_args()
    tally, start = Tally(), time.monotonic()
    if options.replay is not None:
        folder = tempfile.mkdtemp(prefix="faceseg-peers-")
        print(folder)
        print(prototxt(RandomNet(options.replay).net))
        tally.run(options.replay, folder, verbose=True)
        return 1 if tally.failed else 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.nets):
            tally.run(seed, folder)
    print("layers:", ", ".join(f"{count} {type}" for type, count in tally.types.most_common()))
    for reason, count in tally.refused.most_common():
        print(f"not in OpenCV: {count} nets: {reason}")
    for peer, count in tally.peers.items():
        print(f"{count} nets compared with {peer}: largest error {tally.largest[peer]:.1e} of a blob's largest number")
    print(f"{tally.banded} blobs in the least memory that they take, with the same bits; {faceseg.runtime().cpu}")
    print(tally.fast.summary(options.nets))
    print(f"{time.monotonic() - start:.0f} s")
    if tally.fast.is_never_used:
        print("FAILED: no net has other bits in fast mode than in exact mode")
    failed = len(tally.failed) + tally.fast.is_never_used
    print(f"{options.nets - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
