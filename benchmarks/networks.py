"""The networks that are compared: their Caffe files, an input, the right scores, and the peers' files made of them.

Not a runtime: measure.py runs them. Their weights are FCN-8s's rule (full_size.py), the built-in network's, and random
numbers (light_nets.py).
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import numpy as np

import caffe_net
import double
import full_size
import light_nets
import to_ncnn

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "../build/faceseg")
SHARED = os.path.join(HERE, "../../shared")
FIXTURES = os.path.join(os.environ.get("FACESEG_FIXTURES", os.path.join(SHARED, "fixtures")), "inference")
BOOTSTRAP = os.environ.get("FACESEG_BOOTSTRAP", os.path.join(SHARED, "bootstrap"))


@dataclass
class Net:
    title: str
    path: str
    input: np.ndarray
    repeats: int
    flops: float
    reference: tuple = None  # the right scores of every step-th pixel, and the step
    more: list = field(default_factory=list)  # runtimes that run this net alone
    runs: dict = field(default_factory=dict)  # (runtime, threads): [measured]
    errors: dict = field(default_factory=dict)  # runtime: largest error, share of pixels with the right label
    left: dict = field(default_factory=dict)  # runtime of ours: FLOP that its plan leaves

    @property
    def size(self):
        return "{}x{}".format(*self.input.shape[2:])

    @property
    def files(self):
        """The Caffe files, as arguments of faceseg."""
        return [self.path + ".caffemodel", "--prototxt", self.path + ".prototxt", "--size", self.size]


def full_net(folder):
    description = full_size.load(FIXTURES)
    path = os.path.join(folder, "fcn8s")
    full_size.write_model(description, path + ".caffemodel")
    shutil.copy(f"{FIXTURES}/fcn8s_full.prototxt", path + ".prototxt")
    run = description["runs"][0]
    net = Net("FCN-8s for 3 classes, 512 x 512", path, full_size.picture(description, run), 3, 2 * 189.65e9)
    net.reference = (np.load(f"{FIXTURES}/{run['file']}"), description["step"])
    net.more = ["faceseg avx2"]
    return net


def in_double(title, path, repeats, products):
    """A net whose Caffe files lie at the path, with scores of its own input in double precision."""
    x = np.random.default_rng(0).normal(0, 1, (1, 3, 256, 256)).astype(np.float32)
    net = Net(f"{title}, 256 x 256", path, x, repeats, 2 * products)
    net.reference = (double.scores(caffe_net.read(path + ".prototxt", path + ".caffemodel"), x), 1)
    return net


def built_in(folder):
    path = os.path.join(folder, "built-in")
    for ending in ("caffemodel", "prototxt"):
        shutil.copy(f"{BOOTSTRAP}/model.{ending}", f"{path}.{ending}")
    return in_double("built-in network", path, 200, 0.494e9)


def light(folder, title, built, repeats):
    path = os.path.join(folder, title.split()[0])
    built.write(path)
    return in_double(title, path, repeats, built.products)


def all_of(folder):
    return [
        full_net(folder), built_in(folder),
        light(folder, "MobileNetV2-UNet with random weights", light_nets.mobile_unet(), 200),
        light(folder, "plain U-Net of 16 channels with random weights", light_nets.plain_unet(), 40)]


def flops_left(net, environment):
    """What FaceSeg's plan leaves of the definition's: transforms and borders skip products."""
    done = subprocess.run(
        [PROGRAM, "info", *net.files, "--plan", "--json"], check=True, capture_output=True, text=True,
        env={**os.environ, **environment})
    return 2 * json.loads(done.stdout)["plan"]["products"]


def convert(net, runtimes):
    """The net for the peers: ONNX by `faceseg export`, MNN's own of that, ncnn's of the Caffe files."""
    model, onnx = net.path + ".caffemodel", net.path + ".onnx"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([PROGRAM, "export", *net.files, onnx], **quiet)
    to_ncnn.write(caffe_net.read(net.path + ".prototxt", model), net.path)
    if any(runtime.startswith("MNN") for runtime in runtimes):
        subprocess.run(
            [sys.executable, "-m", "MNN.tools.mnnconvert", "-f", "ONNX", "--modelFile", onnx, "--MNNModel",
             net.path + ".mnn", "--bizCode", "faceseg"], **quiet)
    np.save(net.path + ".input.npy", net.input)
