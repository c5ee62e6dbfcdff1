"""Training speed: the built-in network's layers at 256 x 256, batch 32, by faceseg and by PyTorch.

    make bench-training      needs ../shared/bootstrap or FACESEG_BOOTSTRAP; installs PyTorch's CPU form

The same layers with random weights, the same loss (softmax with cross entropy over all pixels) and solver (SGD with
momentum); pictures are cached, so that what is timed is the step. Each form runs in a process of its own, one after
the other, then all again; the best of each counts. PyTorch: channels last, with bfloat16 autocast and without.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAM = os.path.join(ROOT, "build/faceseg")
BOOTSTRAP = os.environ.get("FACESEG_BOOTSTRAP", os.path.join(ROOT, "../shared/bootstrap"))
SIDE, BATCH, CLASSES = 256, 32, 3


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


def write_net(folder):
    """A training net of the bootstrap's layers, and a solver."""
    with open(os.path.join(BOOTSTRAP, "model.prototxt")) as file:
        text = file.read()
    first = text.index("layer")
    end = text.index("layer", text.index("Input"))
    head = (f'layer {{ name: "data" type: "Python" top: "data" top: "label" python_param {{ module: "m" layer: "L" '
            f'param_str: "{{\'data_dir\': \'{folder}/faces\', \'split\': \'train\', \'mean\': (104, 117, 123), '
            f'\'batch_size\': {BATCH}}}" }} }}\n')
    filled = [line.replace("convolution_param {", 'convolution_param { weight_filler { type: "msra" }')
              if 'type: "Convolution"' in line else line for line in text[end:].splitlines()]
    text = text[:first] + head + "\n".join(filled) + "\n"
    top = layers()[-1]["top"]
    text += f'layer {{ name: "loss" type: "SoftmaxWithLoss" bottom: "{top}" bottom: "label" top: "loss" }}\n'
    with open(f"{folder}/train.prototxt", "w") as out:
        out.write(text)
    with open(f"{folder}/solver.prototxt", "w") as out:
        out.write(f'train_net: "{folder}/train.prototxt" base_lr: 1e-6 lr_policy: "fixed" momentum: 0.9 display: 2 '
                  'max_iter: 1000000 snapshot_after_train: false\n')


def write_faces(folder):
    random = np.random.default_rng(0)
    for kind in ("images", "masks"):
        os.makedirs(f"{folder}/faces/{kind}/train")
    for i in range(BATCH):
        cv2.imwrite(f"{folder}/faces/images/train/{i}.png", random.integers(0, 256, (SIDE, SIDE, 3), np.uint8))
        cv2.imwrite(f"{folder}/faces/masks/train/{i}.png", random.integers(0, CLASSES, (SIDE, SIDE), np.uint8))


def by_faceseg(folder, precision, steps, threads):
    """Images a second, without the first steps, which fill the cache."""
    out = tempfile.mkdtemp(dir=folder)
    command = [PROGRAM, "train", "--solver", f"{folder}/solver.prototxt", "-o", out, "--iterations", str(steps + 4),
               "--precision", precision, "--threads", str(threads)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(f"{out}/log.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["images"]]
    first, last = rows[1], rows[-1]
    return (int(last["images"]) - int(first["images"])) / (float(last["seconds"]) - float(first["seconds"]))


def by_torch(precision, steps, threads):
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net, form = torch_net(torch), torch.channels_last
    net = net.to(memory_format=form).train()
    x = torch.randn(BATCH, 3, SIDE, SIDE).contiguous(memory_format=form)
    y = torch.randint(0, CLASSES, (BATCH, SIDE, SIDE))
    solver = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
    for step in range(steps + 2):
        if step == 2:
            begin = time.perf_counter()
        solver.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "fast"):
            scores = net(x)
        torch.nn.functional.cross_entropy(scores.float(), y).backward()
        solver.step()
    return steps * BATCH / (time.perf_counter() - begin)


def torch_net(torch):
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--torch")
    options = parser.parse_args()
    if options.torch:
        return print(json.dumps(by_torch(options.torch, options.steps, options.threads)))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        write_faces(folder)
        write_net(folder)
        for _ in range(2):
            for precision in ("exact", "fast"):
                command = [sys.executable, __file__, "--torch", precision, "--steps", str(options.steps), "--threads",
                           str(options.threads)]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                found.setdefault(("PyTorch", precision), []).append(json.loads(told))
                found.setdefault(("faceseg", precision), []).append(
                    by_faceseg(folder, precision, options.steps, options.threads))
    best = max(max(speeds) for (who, _), speeds in found.items() if who == "PyTorch")
    print("| runtime | products | images a second | to PyTorch's best |\n|---|---|---|---|")
    for (who, precision), speeds in found.items():
        print(f"| {who} | {precision} | {max(speeds):.1f} | {max(speeds) / best:.2f} |")


if __name__ == "__main__":
    main()
