"""A trained FCN-8s of quarter width, on which fast mode is judged: PyTorch, LFW part labels, half an hour on two cores.

    make quarter-width

Writes build/quarter/fcn8s.{prototxt,caffemodel}: FCN-8s for three classes with 16 to 128 and 1024 channels, inputs of
any size, B, G, R minus FaceFCN's means. It is trained with batch normalisation behind each convolution, which is then
folded into it, so that a Caffe file says it all. Not FaceSeg's trainer, and no network to use: it only has to have
learnt something. The photos are for research, so nothing of this is committed.
"""

import argparse
import os
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from full_size import MEAN, bilinear, field, varint

CLASSES = 3
STAGES = [(1, 16, 2), (2, 32, 2), (3, 64, 3), (4, 128, 3), (5, 128, 3)]  # name, channels, convolutions
FULLY = 1024


class Unit(nn.Module):
    """A convolution with batch normalisation and a ReLU."""

    def __init__(self, channels, filters, kernel, pad):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, kernel, padding=pad, bias=False)
        self.norm = nn.BatchNorm2d(filters, momentum=0.05)
        nn.init.kaiming_normal_(self.conv.weight)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))

    def folded(self):
        gain = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        weights = self.conv.weight * gain[:, None, None, None]
        return weights, self.norm.bias - self.norm.running_mean * gain


class FCN8s(nn.Module):
    def __init__(self):
        super().__init__()
        self.units = nn.ModuleDict()
        channels = 3
        for stage, filters, count in STAGES:
            for i in range(1, count + 1):
                pad = 100 if stage == 1 and i == 1 else 1
                self.units[f"conv{stage}_{i}"] = Unit(channels, filters, 3, pad)
                channels = filters
        self.units["fc6"] = Unit(channels, FULLY, 7, 0)
        self.units["fc7"] = Unit(FULLY, FULLY, 1, 0)
        self.scores = nn.ModuleDict({
            "score_fr": nn.Conv2d(FULLY, CLASSES, 1),
            "score_pool4": nn.Conv2d(128, CLASSES, 1),
            "score_pool3": nn.Conv2d(64, CLASSES, 1),
        })
        for side in (4, 16):
            self.register_buffer(f"up{side}", torch.tensor(bilinear((CLASSES, CLASSES, side, side))))

    def forward(self, x):
        height, width = x.shape[2:]
        pools = {}
        for stage, _, count in STAGES:
            for i in range(1, count + 1):
                x = self.units[f"conv{stage}_{i}"](x)
            x = pools[stage] = F.max_pool2d(x, 2, ceil_mode=True)
        x = F.dropout(self.units["fc6"](x), 0.3, self.training)
        x = self.scores["score_fr"](F.dropout(self.units["fc7"](x), 0.3, self.training))
        for stage, offset in ((4, 5), (3, 9)):
            x = F.conv_transpose2d(x, self.up4, stride=2)
            skip = self.scores[f"score_pool{stage}"](pools[stage])
            x = x + skip[:, :, offset:offset + x.shape[2], offset:offset + x.shape[3]]
        return F.conv_transpose2d(x, self.up16, stride=8)[:, :, 31:31 + height, 31:31 + width]


def photos(folder, split):
    """Photos as B, G, R minus means, and their labels."""
    names = sorted(os.listdir(f"{folder}/images/{split}"))
    images = np.empty((len(names), 3, 250, 250), np.float16)
    labels = np.empty((len(names), 250, 250), np.uint8)
    for i, name in enumerate(names):
        photo = np.asarray(Image.open(f"{folder}/images/{split}/{name}").convert("RGB"), np.float32)
        images[i] = photo[:, :, ::-1].transpose(2, 0, 1) - MEAN[:, None, None]
        labels[i] = np.asarray(Image.open(f"{folder}/masks/{split}/{os.path.splitext(name)[0]}.png"))
    return images, labels


def train(net, images, labels, minutes, batch):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    random, begin, step, losses = np.random.default_rng(0), time.monotonic(), 0, []
    net.train()
    while (done := (time.monotonic() - begin) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * 0.5 * (1 + np.cos(np.pi * done)) + 1e-6
        chosen = random.integers(0, len(images), batch)
        x = torch.tensor(images[chosen].astype(np.float32))
        y = torch.tensor(labels[chosen].astype(np.int64))
        if random.random() < 0.5:
            x, y = x.flip(3), y.flip(2)
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        step += 1
        if step % 50 == 0:
            print(f"{step} steps, {done * minutes:.1f} minutes, loss {np.mean(losses[-50:]):.4f}", flush=True)


PROTOTXT = """name: "FCN-8s, quarter width"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 250 dim: 250 } } }
"""


def convolution(name, bottom, filters, kernel, pad, relu):
    text = f"""layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}"
  convolution_param {{ num_output: {filters} kernel_size: {kernel} pad: {pad} }} }}
"""
    return text + (f'layer {{ name: "{name}_relu" type: "ReLU" bottom: "{name}" top: "{name}" }}\n' if relu else "")


def upscore(name, bottom, side, stride):
    return f"""layer {{ name: "{name}" type: "Deconvolution" bottom: "{bottom}" top: "{name}"
  convolution_param {{ num_output: {CLASSES} kernel_size: {side} stride: {stride} bias_term: false }} }}
"""


def crop(name, bottom, like, offset):
    return f"""layer {{ name: "{name}" type: "Crop" bottom: "{bottom}" bottom: "{like}" top: "{name}"
  crop_param {{ axis: 2 offset: {offset} }} }}
"""


def prototxt(net):
    text, bottom = PROTOTXT, "data"
    for stage, _, count in STAGES:
        for i in range(1, count + 1):
            name = f"conv{stage}_{i}"
            conv = net.units[name].conv
            text += convolution(name, bottom, conv.out_channels, 3, conv.padding[0], True)
            bottom = name
        text += f'layer {{ name: "pool{stage}" type: "Pooling" bottom: "{bottom}" top: "pool{stage}"\n'
        text += "  pooling_param { pool: MAX kernel_size: 2 stride: 2 } }\n"
        bottom = f"pool{stage}"
    text += convolution("fc6", bottom, FULLY, 7, 0, True) + convolution("fc7", "fc6", FULLY, 1, 0, True)
    text += convolution("score_fr", "fc7", CLASSES, 1, 0, False)
    bottom = "score_fr"
    for stage, offset in ((4, 5), (3, 9)):
        up = f"upscore_for{stage}"
        text += upscore(up, bottom, 4, 2)
        text += convolution(f"score_pool{stage}", f"pool{stage}", CLASSES, 1, 0, False)
        text += crop(f"score_pool{stage}c", f"score_pool{stage}", up, offset)
        bottom = f"fuse_pool{stage}"
        text += f'layer {{ name: "{bottom}" type: "Eltwise" bottom: "{up}" bottom: "score_pool{stage}c" top: "{bottom}" }}\n'
    return text + upscore("upscore8", bottom, 16, 8) + crop("score", "upscore8", "data", 31)


def caffemodel(net):
    """NetParameter: layers that have a name and blobs."""
    layers = {name: unit.folded() for name, unit in net.units.items()}
    layers |= {name: (conv.weight, conv.bias) for name, conv in net.scores.items()}
    layers |= {"upscore_for4": (net.up4,), "upscore_for3": (net.up4,), "upscore8": (net.up16,)}
    out = b""
    for name, blobs in layers.items():
        body = field(1, name.encode())
        for numbers in blobs:
            shape = field(7, field(1, b"".join(varint(side) for side in numbers.shape)))
            body += field(7, shape + field(5, numbers.detach().numpy().astype("<f4").tobytes()))
        out += field(100, body)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="lfw-part-labels")
    parser.add_argument("out", help="folder")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--batch", type=int, default=4)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    net = FCN8s()
    train(net, *photos(arguments.data, "train"), arguments.minutes, arguments.batch)
    net.eval()
    os.makedirs(arguments.out, exist_ok=True)
    with open(f"{arguments.out}/fcn8s.prototxt", "w") as file:
        file.write(prototxt(net))
    with open(f"{arguments.out}/fcn8s.caffemodel", "wb") as file:
        file.write(caffemodel(net))


if __name__ == "__main__":
    main()
