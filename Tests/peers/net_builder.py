"""A net under construction: chooses from a seed, adds layers, and keeps those whose numbers stay tame. Which layers,
and in what order, is random_nets'."""

import numpy as np
import torch

import torch_peer
from caffe_files import Layer

CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 64]
SIDES = list(range(1, 24)) + [27, 31, 32, 33, 40, 47, 64]
MOST_NUMBERS = 400_000  # of a blob


class NetBuilder:
    """Layers so far, with their blobs in double and in single precision.

    Each layer is computed by the torch peer as it is added, so shapes need no rules here, and one whose numbers run
    away or magnify single precision's noise is thrown away again.
    """

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.layers, self.inputs, self.double, self.single = [], {}, {}, {}
        self.heads = []  # blobs to go on from, the newest last

    # ---- Choosing -----------------------------------------------------------------------------------------------

    def chance(self, p):
        return self.random.random() < p

    def pick(self, choices):
        return choices[int(self.random.integers(len(choices)))]

    def number(self, low, high):
        """With few digits, so that text and floats agree on it."""
        return round(float(self.random.uniform(low, high)), 2)

    def normal(self, *shape, mean=0.0, deviation=1.0):
        return (mean + deviation * self.random.standard_normal(shape)).astype(np.float32)

    def head(self, rank=4):
        fitting = [blob for blob in self.heads if self.double[blob].dim() == rank]
        return fitting[-1] if fitting and self.chance(0.75) else self.pick(fitting) if fitting else None

    def shape(self, blob):
        return tuple(self.double[blob].shape)

    # ---- Adding -------------------------------------------------------------------------------------------------

    def add_input(self):
        name = f"data{len(self.layers)}" if self.layers else "data"
        shape = [self.pick([1, 1, 1, 2, 3]), self.pick(CHANNELS[:12]), self.pick(SIDES), self.pick(SIDES)]
        self.inputs[name] = self.normal(*shape)
        layer = Layer(name, "Input", [], [name], {"input_param": {"shape": {"dim": shape}}})
        self.keep(layer)

    def add(self, type, bottoms, parameters=None, blobs=(), in_place=False, tops=1, key=None):
        """The new blob's name, or None if the layer was thrown away; several names for several tops."""
        name = f"{type.lower()}{len(self.layers)}"
        names = list(bottoms[:1]) if in_place else [name] if tops == 1 else [f"{name}_{i}" for i in range(tops)]
        table = {key or type.lower() + "_param": parameters} if parameters else {}
        layer = Layer(name, type, list(bottoms), names, table, list(blobs))
        if not self.keep(layer):
            return None
        return names[0] if tops == 1 else names

    def keep(self, layer):
        double, single = dict(self.double), dict(self.single)
        try:
            torch_peer.compute(layer, double, self.inputs, torch.float64)
            torch_peer.compute(layer, single, self.inputs, torch.float32)
        except (RuntimeError, ValueError, IndexError, ZeroDivisionError):  # a size that this layer does not take
            return False
        if not all(self.is_tame(double[top], single[top]) for top in layer.tops):
            return False
        self.double, self.single = double, single
        self.layers.append(layer)
        self.heads = [head for head in self.heads if head not in layer.tops] + layer.tops
        return True

    def is_tame(self, double, single):
        if double.numel() == 0 or double.numel() > MOST_NUMBERS or not torch.isfinite(double).all():
            return False
        largest = float(double.abs().max())
        return largest < 1e4 and float((double - single).abs().max()) <= 3e-6 * largest
