"""Gradients of random nets here, by the trainer's blocks and by its planes, and in PyTorch in double precision.

    make test-gradients NETS=2000          seeds 0 to 1999
    make test-gradients REPLAY=1234        one, with the error of each gradient

The nets are compare.py's. Every second one is trained with statistics of its batch where it has BatchNorm, the others
with those that it has stored. What comes back into each output is noise; what must come out are the gradients of all
inputs and weights. Where a number lies so near the bend of a ReLU, a pooling or a maximum that single precision may see
it on the other side, one element's gradient changes by all of it: a net fails only if it does with three inputs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import torch

import torch_peer
from caffe_files import prototxt
from random_nets import RandomNet

TOLERANCE = 1e-4  # of a gradient's largest number
NOISE = 100  # times as far as PyTorch's single precision is from its double
LEAST = 1e-7  # of the largest gradient of the net
TRIES = 3
WITHOUT = {"ArgMax", "Threshold"}  # have no gradient


class Trainer:
    """The program that computes ours, one net a line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise AssertionError(f"the program ended with {self.process.wait()}")
        return answer


class MVN(torch.autograd.Function):
    """mvn_layer.cpp, whose backward pass takes the deviation with epsilon in it for the deviation itself."""

    @staticmethod
    def forward(context, x, eps, dims):
        mean = x.mean(dims, True)
        context.dims, context.deviation = dims, (x - mean).square().mean(dims, True).sqrt() + eps
        context.y = (x - mean) / context.deviation
        return context.y

    @staticmethod
    def backward(context, dy):
        y, dims = context.y, context.dims
        return (dy - dy.mean(dims, True) - y * (dy * y).mean(dims, True)) / context.deviation, None, None


def batch_norm(p, x):
    """batch_norm_layer.cpp in training: the batch's own mean, and variance without Bessel's correction."""
    others = [d for d in range(x.dim()) if d != 1]
    mean = x.mean(others, True)
    return (x - mean) / ((x - mean).square().mean(others, True) + p.get("eps", 1e-5)).sqrt()


class Net:
    """A random net as it is trained."""

    def __init__(self, seed):
        made = RandomNet(seed)
        # Weights of nothing make numbers that are equal, of which each may be taken for the largest.
        for blob in (blob for layer in made.net.layers if layer.type == "Convolution" for blob in layer.blobs):
            if not blob.any():
                blob[:] = made.normal(*blob.shape, deviation=0.1)
        self.inputs, self.outputs = made.inputs, made.net.outputs
        types = {layer.type for layer in made.net.layers}
        self.reason_against = next((f"{type} has no gradient" for type in sorted(types & WITHOUT)), None)
        # Dropout draws by chance in training.
        self.is_training = seed % 2 == 1 and "Dropout" not in types
        self.layers = [self.trained(layer) for layer in made.net.layers]
        if self.is_training and any(self.is_of_one(layer, made.double) for layer in self.layers):
            self.reason_against = "a BatchNorm has one number a channel"
        self.shapes = {blob: made.double[blob].shape for blob in self.outputs}
        self.text = "force_backward: true\n" + prototxt(replace(made.net, layers=self.layers))

    def trained(self, layer):
        if layer.type != "BatchNorm" or not self.is_training:
            return layer
        p = {k: v for k, v in layer.parameters["batch_norm_param"].items() if k != "use_global_stats"}
        return replace(layer, parameters={"batch_norm_param": p} if p else {})

    def is_of_one(self, layer, blobs):
        """A BatchNorm over one number a channel, whose gradients are rounding and nothing else."""
        shape = blobs[layer.tops[0]].shape
        return layer.type == "BatchNorm" and shape.numel() == shape[1]

    def compute(self, layer, blobs, dtype):
        if layer.type == "BatchNorm" and self.is_training:
            p = layer.parameters.get("batch_norm_param", {})
            blobs[layer.tops[0]] = batch_norm(p, blobs[layer.bottoms[0]])
        elif layer.type == "MVN" and layer.parameters["mvn_param"].get("normalize_variance", True):
            p = layer.parameters["mvn_param"]
            dims = [1, 2, 3] if p.get("across_channels", False) else [2, 3]
            blobs[layer.tops[0]] = MVN.apply(blobs[layer.bottoms[0]], p.get("eps", 1e-9), dims)
        else:
            torch_peer.compute(layer, blobs, self.inputs, dtype)

    def gradients(self, given, dtype):
        """{name: array} by PyTorch: in/BLOB, param/LAYER/INDEX and out/BLOB, the outputs themselves."""
        blobs, leaves = {}, {}
        for layer in self.layers:
            if layer.type == "Input":
                name = layer.tops[0]
                leaves[f"in/{name}"] = blobs[name] = torch.tensor(given[f"in/{name}"], dtype=dtype, requires_grad=True)
                continue
            weights = []
            for index, blob in enumerate(layer.blobs):
                leaf = torch.tensor(blob, dtype=dtype, requires_grad=layer.type != "BatchNorm")
                if leaf.requires_grad:
                    leaves[f"param/{layer.name}/{index}"] = leaf
                weights.append(leaf)
            self.compute(replace(layer, blobs=weights), blobs, dtype)
        total = sum((blobs[name] * torch.tensor(given[f"outdiff/{name}"], dtype=dtype)).sum() for name in self.outputs)
        total.backward()
        found = {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}
        return ({f"out/{name}": blobs[name].detach().double().numpy() for name in self.outputs}
                | {name: gradient.double().numpy() for name, gradient in found.items()})

    def given(self, random):
        """Inputs, the net's weights, and what comes back into its outputs."""
        arrays = {f"in/{name}": random.standard_normal(array.shape) for name, array in self.inputs.items()}
        arrays |= {f"outdiff/{name}": random.standard_normal(shape) for name, shape in self.shapes.items()}
        for layer in self.layers:
            arrays |= {f"param/{layer.name}/{index}": blob for index, blob in enumerate(layer.blobs)}
        return {name: array.astype(np.float32) for name, array in arrays.items()}


def ours(folder, double):
    """{name: array} as the program left them in the folder."""
    files = {"in": "diff", "param": "paramdiff", "out": "out"}
    found = {}
    for name in double:
        kind, *rest = name.split("/")
        path = os.path.join(folder, "@".join([files[kind], *rest]) + ".npy")
        if os.path.exists(path):
            found[name] = np.load(path).reshape(double[name].shape)
    return found


def errors(got, double, single):
    """{name: share of what is allowed}; above 1 is wrong, and what is missing is infinitely so."""
    # What is 0 but for rounding, as a bias's before a BatchNorm, is small beside the others.
    largest = max(np.abs(wanted).max(initial=0) for name, wanted in double.items())
    shares = {}
    for name, wanted in double.items():
        noise = np.abs(single[name] - wanted).max(initial=0)
        allowed = max(TOLERANCE * np.abs(wanted).max(initial=0), NOISE * noise, LEAST * largest, 1e-30)
        shares[name] = np.abs(got[name] - wanted).max(initial=0) / allowed if name in got else float("inf")
    return shares


class Tally:
    def __init__(self, program):
        self.trainer, self.refused, self.types = Trainer(program), Counter(), Counter()
        self.failed, self.again, self.gradients, self.nets, self.largest = set(), 0, 0, 0, 0.0

    def run(self, seed, folder, verbose=False):
        net = Net(seed)
        if net.reason_against:
            self.refused[net.reason_against] += 1
            return
        with open(os.path.join(folder, "net.prototxt"), "w") as file:
            file.write(net.text)
        for attempt in range(TRIES):
            given = net.given(np.random.default_rng([seed, attempt]))
            problem = self.problem(net, given, folder, verbose)
            if problem is None:
                break
            self.again += attempt + 1 < TRIES
        else:
            self.failed.add(seed)
            print(f"FAILED: {problem}\n    replay: make test-gradients REPLAY={seed}", flush=True)
        self.types.update(layer.type for layer in net.layers)

    def problem(self, net, given, folder, verbose):
        np.savez(os.path.join(folder, "given.npz"), **given)
        double, single = (net.gradients(given, dtype) for dtype in (torch.float64, torch.float32))
        for layout in ("blocks", "planes"):
            for name in os.listdir(folder):
                if name.endswith(".npy"):
                    os.remove(os.path.join(folder, name))
            answer = self.trainer.ask(folder, "TRAIN" if net.is_training else "TEST", layout)
            if answer != "ok":
                return answer
            shares = errors(ours(folder, double), double, single)
            if verbose:
                print(layout, {name: f"{share:.2g}" for name, share in shares.items()})
            worst = max(shares, key=shares.get)
            if not shares[worst] <= 1:
                return f"{layout}: {worst} is wrong by {shares[worst]:.3g} times what is allowed"
            self.largest = max(self.largest, shares[worst])
            self.gradients += len(shares)
        self.nets += 1
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--nets", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", type=int, help="one seed, with its files left in the folder that is printed")
    options = parser.parse_args()
    tally, start = Tally(options.program), time.monotonic()
    if options.replay is not None:
        folder = tempfile.mkdtemp(prefix="faceseg-gradients-")
        print(folder)
        print(Net(options.replay).text)
        tally.run(options.replay, folder, verbose=True)
        return 1 if tally.failed else 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.nets):
            tally.run(seed, folder)
    print("layers:", ", ".join(f"{count} {type}" for type, count in tally.types.most_common()))
    for reason, count in tally.refused.most_common():
        print(f"not compared: {count} nets: {reason}")
    print(f"{tally.nets} nets, {tally.gradients} gradients compared with PyTorch, by blocks and by planes: "
          f"at most {tally.largest:.2f} of what is allowed; {tally.again} inputs near a bend drawn again")
    print(f"{time.monotonic() - start:.0f} s")
    print(f"{options.nets - len(tally.failed)} passed, {len(tally.failed)} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
