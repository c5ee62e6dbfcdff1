"""Two light networks with random weights, written as Caffe files: shapes that programs of today use, in peers' nets too.

Weights are as large as He and others say (2015: variance 2 / inputs of a sum, 1 / inputs where no ReLU follows), so that
numbers neither grow nor vanish on their way. BatchNorm is taken to be folded into them. Says nothing of accuracy.
"""

from dataclasses import dataclass, field

import numpy as np

import caffe_net
import full_size

CLASSES = 3
# MobileNetV2 at width 1 (Sandler and others 2018, table 2): expansion, channels, blocks, stride of the first.
INVERTED = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


@dataclass
class Builder:
    """Layers so far, each named as its blob; `shapes` holds channels and side of each, pictures being squares."""

    side: int
    seed: int
    text: list = field(default_factory=list)
    weights: dict = field(default_factory=dict)
    shapes: dict = field(default_factory=dict)
    products: int = 0  # multiply-adds of convolutions and deconvolutions

    def __post_init__(self):
        self.random = np.random.default_rng(self.seed)
        self.shapes["data"] = (3, self.side)
        dims = " ".join(f"dim: {n}" for n in (1, 3, self.side, self.side))
        self.text.append(f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ {dims} }} }} }}')

    def add(self, name, kind, bottoms, shape, parameters=""):
        taken = " ".join(f'bottom: "{bottom}"' for bottom in bottoms)
        self.text.append(f'layer {{ name: "{name}" type: "{kind}" {taken} top: "{name}" {parameters} }}')
        self.shapes[name] = shape
        return name

    def relu(self, blob):
        self.text.append(f'layer {{ name: "{blob}_relu" type: "ReLU" bottom: "{blob}" top: "{blob}" }}')
        return blob

    def convolution(self, name, bottom, outputs, kernel=3, stride=1, depthwise=False, relu=True):
        channels, side = self.shapes[bottom]
        inputs = (1 if depthwise else channels) * kernel * kernel
        deviation = np.sqrt((2 if relu else 1) / inputs)
        weights = self.random.normal(0, deviation, (outputs, inputs // kernel**2, kernel, kernel))
        self.weights[name] = [weights, self.random.normal(0, 0.05, outputs)]
        self.products += outputs * inputs * (side // stride)**2
        group = f" group: {channels}" if depthwise else ""
        self.add(name, "Convolution", [bottom], (outputs, side // stride),
                 f"convolution_param {{ num_output: {outputs} kernel_size: {kernel} pad: {kernel // 2} stride: {stride}{group} }}")
        return self.relu(name) if relu else name

    def twice(self, name, bottom):
        """Bilinear, to twice the size."""
        channels, side = self.shapes[bottom]
        self.weights[name] = [np.broadcast_to(caffe_net.bilinear(4), (channels, 1, 4, 4))]
        self.products += channels * side**2 * 16
        return self.add(name, "Deconvolution", [bottom], (channels, 2 * side),
                        f"convolution_param {{ num_output: {channels} group: {channels} kernel_size: 4 stride: 2 pad: 1 "
                        'bias_term: false weight_filler { type: "bilinear" } }')

    def half(self, name, bottom):
        channels, side = self.shapes[bottom]
        return self.add(name, "Pooling", [bottom], (channels, side // 2),
                        "pooling_param { pool: MAX kernel_size: 2 stride: 2 }")

    def sum(self, name, *bottoms):
        return self.add(name, "Eltwise", bottoms, self.shapes[bottoms[0]])

    def join(self, name, *bottoms):
        channels = sum(self.shapes[bottom][0] for bottom in bottoms)
        return self.add(name, "Concat", bottoms, (channels, self.shapes[bottoms[0]][1]))

    def write(self, path):
        with open(path + ".prototxt", "w") as out:
            out.write("\n".join(self.text) + "\n")
        with open(path + ".caffemodel", "wb") as out:
            for name, blobs in self.weights.items():
                layer = full_size.field(1, name.encode())
                for blob in blobs:
                    shape = full_size.field(1, b"".join(full_size.varint(length) for length in blob.shape))
                    data = full_size.field(5, np.ascontiguousarray(blob, "<f4").tobytes())
                    layer += full_size.field(7, full_size.field(7, shape) + data)
                out.write(full_size.field(100, layer))


def inverted_residual(net, name, bottom, expansion, outputs, stride):
    channels, _ = net.shapes[bottom]
    wide = bottom if expansion == 1 else net.convolution(f"{name}_expand", bottom, expansion * channels, kernel=1)
    deep = net.convolution(f"{name}_depth", wide, expansion * channels, stride=stride, depthwise=True)
    thin = net.convolution(f"{name}_project", deep, outputs, kernel=1, relu=False)
    return net.sum(f"{name}_sum", bottom, thin) if stride == 1 and outputs == channels else thin


def mobile_unet(side=256):
    """MobileNetV2 as the encoder of a U-Net whose decoder is depthwise too: 0.45 G multiply-adds at 256 x 256."""
    net = Builder(side, seed=1)
    blob = net.convolution("stem", "data", 32, stride=2)
    skips = {}  # by their side: the last blob of it
    for stage, (expansion, outputs, blocks, stride) in enumerate(INVERTED):
        for block in range(blocks):
            blob = inverted_residual(net, f"s{stage}_{block}", blob, expansion, outputs, stride if block == 0 else 1)
        skips[net.shapes[blob][1]] = blob
    for level, outputs in enumerate((128, 96, 48, 24)):
        small = net.convolution(f"d{level}_thin", blob, outputs, kernel=1)
        large = net.twice(f"d{level}_twice", small)
        both = net.join(f"d{level}_join", large, skips[net.shapes[large][1]])
        deep = net.convolution(f"d{level}_depth", both, net.shapes[both][0], depthwise=True)
        blob = net.convolution(f"d{level}", deep, outputs, kernel=1)
    net.twice("score", net.convolution("classes", blob, CLASSES, kernel=1, relu=False))
    return net


def plain_unet(side=256):
    """U-Net (Ronneberger and others 2015) of 16 channels and twice as many a level: 3.5 G multiply-adds at 256 x 256."""
    net = Builder(side, seed=2)
    blob, skips = "data", []
    for level, channels in enumerate((16, 32, 64, 128, 256)):
        if level > 0:
            blob = net.half(f"e{level}_half", blob)
        blob = net.convolution(f"e{level}_a", blob, channels)
        blob = net.convolution(f"e{level}_b", blob, channels)
        skips.append(blob)
    for level in (3, 2, 1, 0):
        both = net.join(f"d{level}_join", net.twice(f"d{level}_twice", blob), skips[level])
        channels = net.shapes[skips[level]][0]
        blob = net.convolution(f"d{level}_b", net.convolution(f"d{level}_a", both, channels), channels)
    net.convolution("score", blob, CLASSES, kernel=1, relu=False)
    return net
