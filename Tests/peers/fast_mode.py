"""Fast mode on random nets: how far products of 16 bits may lead away from exact mode's results, which the peers judge.

That is each net's own affair: as far, a few times over, as PyTorch is led by rounding to bfloat16 what these layers
multiply. Blobs that no such layer has a part in must have exact mode's bits.
"""

from dataclasses import replace

import numpy as np
import torch

import torch_peer

import faceseg

FEWEST_CHANNELS, FEWEST_FILTERS = 16, 24  # of a layer that is multiplied in 16 bits (Sources/Kernels/blocks/form.c)
LEAST = 2**-9  # of a blob's largest number: one rounding to bfloat16, which luck may keep from PyTorch
TIMES = 8  # as far as PyTorch is led; docs/peers.md says what was measured


def has_kernels():
    """Whether this processor multiplies in 16 bits, and FACESEG_CPU does not ask for less."""
    with open("/proc/cpuinfo") as file:
        return faceseg.runtime().cpu == "avx512" and {"avx512_vnni", "avx512_bf16"} <= set(file.read().split())


def is_multiplied(layer):
    if layer.type != "Convolution" or layer.parameters["convolution_param"].get("group", 1) > 1:
        return False
    filters, channels = layer.blobs[0].shape[:2]
    return channels >= FEWEST_CHANNELS and filters >= FEWEST_FILTERS


def is_deciding(layer):
    """Whether the smallest difference may turn what it says."""
    return layer.type in ("ArgMax", "Threshold")


def reached(net, is_one):
    """Blobs that such a layer has a part in."""
    blobs = set()
    for layer in net.layers:
        is_reached = is_one(layer) or not blobs.isdisjoint(layer.bottoms)
        blobs = blobs | set(layer.tops) if is_reached else blobs - set(layer.tops)
    return blobs


def rounded(net, inputs):
    """{blob: array} in double precision, but for what is_multiplied."""
    blobs = {}
    for layer in net.layers:
        if not is_multiplied(layer):
            torch_peer.compute(layer, blobs, inputs)
            continue
        given = {layer.bottoms[0]: blobs[layer.bottoms[0]].bfloat16().double()}
        weights = torch.from_numpy(layer.blobs[0]).bfloat16().float().numpy()
        torch_peer.compute(replace(layer, blobs=[weights, *layer.blobs[1:]]), given, inputs)
        blobs[layer.tops[0]] = given[layer.tops[0]]
    return blobs


class FastMode:
    """What was found so far."""

    def __init__(self, error):
        self.error = error  # (array, array): the largest difference, of the latter's largest number
        self.has_kernels = has_kernels()
        self.expected, self.others, self.largest, self.most = 0, 0, 0.0, 0.0

    def compare(self, made, exact, fast):
        """{blob: difference}, of {blob: array} of the same net. Raises AssertionError for what fast mode may not do."""
        multiplied = reached(made.net, is_multiplied) & set(exact) if self.has_kernels else set()
        for blob in exact:
            if blob not in multiplied:
                assert fast[blob].tobytes() == exact[blob].tobytes(), f"fast mode: blob {blob} has other bits"
        if not multiplied:
            return {}
        self.expected += 1
        self.others += any(fast[blob].tobytes() != exact[blob].tobytes() for blob in multiplied)
        halves, decided = rounded(made.net, made.inputs), reached(made.net, is_deciding)
        return {blob: self._compare_blob(
            blob, exact[blob], fast[blob], self.error(halves[blob].numpy(), made.double[blob].numpy()), blob in decided)
            for blob in sorted(multiplied)}

    def _compare_blob(self, blob, exact, fast, bfloat, is_decided):
        where, differs = f"fast mode: blob {blob}", self.error(fast, exact)
        assert fast.shape == exact.shape, f"{where} is {fast.shape}, not {exact.shape}"
        assert np.isfinite(fast[np.isfinite(exact)]).all(), f"{where} is not finite where exact mode's is"
        if is_decided:
            return differs
        times = differs / max(bfloat, LEAST)
        self.largest, self.most = max(self.largest, differs), max(self.most, times)
        assert times <= TIMES, (
            f"{where} differs by {differs:.1e} of its largest number, by bfloat16 in PyTorch {bfloat:.1e}")
        return differs

    @property
    def is_never_used(self):
        """Of one or two nets the weights may be zeros."""
        return self.expected > 2 and self.others == 0

    def summary(self, nets):
        if not self.has_kernels:
            return f"this processor has no kernels for fast mode, in which {nets} nets must have exact mode's bits"
        return (f"{self.others} of {nets} nets have other bits in fast mode than in exact mode: largest difference "
                f"{self.largest:.1e} of a blob's largest number, and {self.most:.1f} times bfloat16's in PyTorch "
                f"({TIMES} allowed)")
