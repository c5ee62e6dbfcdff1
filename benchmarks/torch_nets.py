"""The networks of the training benchmark in PyTorch: the built-in network's layers as its prototxt has them, and
fcn8s-atonce. Not a benchmark by itself: training.py times them.
"""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BOOTSTRAP = os.environ.get("FACESEG_BOOTSTRAP", os.path.join(ROOT, "../shared/bootstrap"))


def layers():
    """Name, type, bottoms, top and numbers of each layer of the bootstrap's prototxt."""
    blocks, depth, start = [], 0, 0
    with open(os.path.join(BOOTSTRAP, "model.prototxt")) as file:
        text = file.read()
    for i, c in enumerate(text):
        if c == "{":
            start, depth = (i if depth == 0 else start), depth + 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                blocks.append(text[start + 1:i])
    return [b for b in map(parsed, blocks) if b["type"] != "Input"]


def parsed(block):
    words = block.replace("{", " ").replace("}", " ").replace(":", " ").split()
    layer = {"bottom": []}
    for key, value in zip(words, words[1:]):
        value = value.strip('"')
        if key == "bottom":
            layer["bottom"].append(value)
        elif key in ("name", "type", "top", "num_output", "kernel_size", "pad", "stride", "group", "bias_term"):
            layer.setdefault(key, value)
    return layer


def light(torch):
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.description, channels = layers(), {"data": 3}
            for layer in self.description:
                got = channels[layer["bottom"][0]]
                channels[layer["top"]] = got
                if layer["type"] not in ("Convolution", "Deconvolution"):
                    continue
                made = int(layer["num_output"])
                kind = nn.Conv2d if layer["type"] == "Convolution" else nn.ConvTranspose2d
                self.add_module(layer["name"].replace(".", "_"), kind(
                    got, made, int(layer.get("kernel_size", 1)), int(layer.get("stride", 1)), int(layer.get("pad", 0)),
                    groups=int(layer.get("group", 1)), bias=layer.get("bias_term", "true") == "true"))
                channels[layer["top"]] = made
            for name, module in self.named_modules():
                if isinstance(module, nn.ConvTranspose2d):
                    module.requires_grad_(False)

        def forward(self, x):
            blobs = {"data": x}
            for layer in self.description:
                inputs = [blobs[name] for name in layer["bottom"]]
                if layer["type"] == "ReLU":
                    y = nn.functional.relu(inputs[0], inplace=layer["bottom"][0] == layer["top"])
                elif layer["type"] == "Eltwise":
                    y = sum(inputs[1:], inputs[0])
                else:
                    y = getattr(self, layer["name"].replace(".", "_"))(inputs[0])
                blobs[layer["top"]] = y
            return y

    return Net()


def fcn8s(torch, classes=3):
    """Long, Shelhamer, Darrell 2015, for this number of classes; of any size of picture."""
    nn = torch.nn
    stages = [(64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)]

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stages, channels = nn.ModuleList(), 3
            for s, filters in enumerate(stages):
                made = []
                for i, n in enumerate(filters):
                    made += [nn.Conv2d(channels, n, 3, padding=100 if s == i == 0 else 1), nn.ReLU(inplace=True)]
                    channels = n
                self.stages.append(nn.Sequential(*made, nn.MaxPool2d(2, ceil_mode=True)))
            self.deep = nn.Sequential(nn.Conv2d(512, 4096, 7), nn.ReLU(inplace=True), nn.Dropout2d(),
                                      nn.Conv2d(4096, 4096, 1), nn.ReLU(inplace=True), nn.Dropout2d())
            self.score_fr = nn.Conv2d(4096, classes, 1)
            self.score_pool4, self.score_pool3 = nn.Conv2d(512, classes, 1), nn.Conv2d(256, classes, 1)
            self.up = nn.ModuleList(nn.ConvTranspose2d(classes, classes, k, k // 2, bias=False).requires_grad_(False)
                                    for k in (4, 4, 16))

        def forward(self, x):
            pools, y = [], x
            for stage in self.stages:
                y = stage(y)
                pools.append(y)
            y = self.up[0](self.score_fr(self.deep(y)))
            y = self.up[1](y + cut(self.score_pool4(0.01 * pools[3]), 5, y))
            y = self.up[2](y + cut(self.score_pool3(0.0001 * pools[2]), 9, y))
            return cut(y, 31, x)

    def cut(y, offset, like):
        return y[:, :, offset:offset + like.shape[2], offset:offset + like.shape[3]]

    return Net()
