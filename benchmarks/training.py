"""Training speed: the built-in network's layers at 256 x 256, batch 32, and FCN-8s at 512 x 512, batch 1, by faceseg
and by PyTorch.

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

import torch_nets

PROGRAM = os.path.join(torch_nets.ROOT, "build/faceseg")
CLASSES = 3
NETS = {  # side, batch, steps that are timed
    "light": (256, 32, 8),
    "fcn8s": (512, 1, 4),
}


def write_light(folder, batch):
    """A training net of the bootstrap's layers, and a solver."""
    with open(os.path.join(torch_nets.BOOTSTRAP, "model.prototxt")) as file:
        text = file.read()
    first = text.index("layer")
    end = text.index("layer", text.index("Input"))
    head = (f'layer {{ name: "data" type: "Python" top: "data" top: "label" python_param {{ module: "m" layer: "L" '
            f'param_str: "{{\'data_dir\': \'{folder}/faces\', \'split\': \'train\', \'mean\': (104, 117, 123), '
            f'\'batch_size\': {batch}}}" }} }}\n')
    filled = [line.replace("convolution_param {", 'convolution_param { weight_filler { type: "msra" }')
              if 'type: "Convolution"' in line else line for line in text[end:].splitlines()]
    text = text[:first] + head + "\n".join(filled) + "\n"
    top = torch_nets.layers()[-1]["top"]
    text += f'layer {{ name: "loss" type: "SoftmaxWithLoss" bottom: "{top}" bottom: "label" top: "loss" }}\n'
    with open(f"{folder}/train.prototxt", "w") as out:
        out.write(text)
    write_solver(folder, "base_lr: 1e-6 momentum: 0.9 display: 1")


def write_fcn8s(folder):
    """The recipe's files, of which the training net is taken, with filled weights."""
    recipe = ["--recipe", "facefcn", "--data", f"{folder}/faces", "-o", folder, "--preview", "1"]
    subprocess.run([PROGRAM, "train", *recipe], check=True, stdout=subprocess.DEVNULL)
    write_solver(folder, "base_lr: 1e-12 momentum: 0.99 weight_decay: 0.005 display: 1")


def write_solver(folder, rates):
    with open(f"{folder}/solver.prototxt", "w") as out:
        out.write(f'train_net: "{folder}/train.prototxt" {rates} lr_policy: "fixed" max_iter: 1000000 '
                  'snapshot_after_train: false\n')


def write_faces(folder, side, count):
    random = np.random.default_rng(0)
    for kind, values, shape in (("images", 256, (side, side, 3)), ("masks", CLASSES, (side, side))):
        for split in ("train", "val"):
            os.makedirs(f"{folder}/faces/{kind}/{split}")
            for i in range(count if split == "train" else 1):
                cv2.imwrite(f"{folder}/faces/{kind}/{split}/{i}.png", random.integers(0, values, shape, np.uint8))


def by_faceseg(net, folder, precision, steps, threads):
    """Images a second, without the first steps, which fill the cache."""
    out = tempfile.mkdtemp(dir=folder)
    command = [PROGRAM, "train", "--solver", f"{folder}/solver.prototxt", "-o", out, "--iterations", str(steps + 4),
               "--precision", precision, "--threads", str(threads)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(f"{out}/log.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["images"]]
    first, last = rows[3], rows[-1]
    return (int(last["images"]) - int(first["images"])) / (float(last["seconds"]) - float(first["seconds"]))


def by_torch(name, precision, steps, threads):
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    side, batch, _ = NETS[name]
    net, form = getattr(torch_nets, name)(torch), torch.channels_last
    net = net.to(memory_format=form).train()
    x = torch.randn(batch, 3, side, side).contiguous(memory_format=form)
    y = torch.randint(0, CLASSES, (batch, side, side))
    solver = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
    for step in range(steps + 2):
        if step == 2:
            begin = time.perf_counter()
        solver.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "fast"):
            scores = net(x)
        torch.nn.functional.cross_entropy(scores.float(), y).backward()
        solver.step()
    return steps * batch / (time.perf_counter() - begin)


def compare(net, steps, threads):
    side, batch, usual = NETS[net]
    steps, found = steps or usual, {}
    with tempfile.TemporaryDirectory() as folder:
        write_faces(folder, side, batch)
        if net == "light":
            write_light(folder, batch)
        else:
            write_fcn8s(folder)
        for _ in range(2):
            for precision in ("exact", "fast"):
                command = [sys.executable, __file__, "--net", net, "--torch", precision, "--steps", str(steps),
                           "--threads", str(threads)]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                found.setdefault(("PyTorch", precision), []).append(json.loads(told))
                found.setdefault(("faceseg", precision), []).append(by_faceseg(net, folder, precision, steps, threads))
    best = max(max(speeds) for (who, _), speeds in found.items() if who == "PyTorch")
    for (who, precision), speeds in found.items():
        print(f"| {net}, {side} x {side}, batch {batch} | {who} | {precision} | {max(speeds):.2f} | "
              f"{batch / max(speeds):.2f} | {max(speeds) / best:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", choices=NETS)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--torch")
    options = parser.parse_args()
    if options.torch:
        return print(json.dumps(by_torch(options.net, options.torch, options.steps, options.threads)))
    print("| net | runtime | products | images a second | seconds a step | to PyTorch's best |")
    print("|---|---|---|---|---|---|")
    for net in [options.net] if options.net else NETS:
        compare(net, options.steps, options.threads)


if __name__ == "__main__":
    main()
