"""Exports networks as ONNX and runs them in ONNX Runtime: every net of the fixtures against Caffe's scores, the built-in
one against FaceSeg's, random nets against PyTorch. Prints one line for a net that differs, which replays it alone.

    export.py --nets 500               and seeds 0 to 499
    export.py --full                   and FCN-8s with its 537 MB, in 2 GB of memory
    export.py --replay 123             one seed

Needs ../shared/fixtures or FACESEG_FIXTURES; FACESEG_PROGRAM names the program, by default build/faceseg.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../../benchmarks"))

import full_size
from caffe_files import caffemodel, prototxt
from random_nets import RandomNet

import faceseg

PROGRAM = os.environ.get("FACESEG_PROGRAM", os.path.join(HERE, "../../build/faceseg"))
FIXTURES = os.path.join(os.environ.get("FACESEG_FIXTURES", os.path.join(HERE, "../../../shared/fixtures")), "inference")
TOLERANCE = 1e-4  # of a blob's largest number
# The one thing that random nets do and ONNX cannot say: a window that looks at nothing, one net in a thousand.
NO_WORDS = "its last window lies outside the picture"
MOST_MEMORY = 100  # MiB for an export, whatever the size of the weights


def export(arguments, shapes, path):
    """Runs `faceseg export`; shapes: of the inputs, in the network's order."""
    sizes = [word for shape in shapes for word in ("--size", ",".join(str(side) for side in shape))]
    subprocess.run([PROGRAM, "export", *arguments, *sizes, path], check=True, capture_output=True, text=True)


def run(path, inputs):
    """{output: array}, in the order of the file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(path, options)
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


def error(got, wanted):
    """The largest difference, as a share of the largest number; infinite for shapes that differ."""
    if got.shape != wanted.shape:
        return float("inf")
    return float(np.abs(got - wanted).max()) / (float(np.abs(wanted).max()) or 1)


def fixture(net, folder):
    x, path = np.load(net + ".input.npy"), os.path.join(folder, "net.onnx")
    export([net + ".caffemodel", "--prototxt", net + ".prototxt"], [x.shape], path)
    onnx.checker.check_model(path, full_check=True)
    return error(next(iter(run(path, {"data": x}).values())), np.load(net + ".score.npy"))


def built_in(folder):
    path, x = os.path.join(folder, "net.onnx"), np.random.default_rng(0).normal(0, 50, (1, 3, 192, 160))
    x = x.astype(np.float32)
    export([], [x.shape], path)
    model = onnx.load(path)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert told["classes"] == "background,face,hair" and told["license"] and told["mean"], told
    with faceseg.Session(faceseg.Model()) as session:
        return error(next(iter(run(path, {"data": x}).values())), session.forward(x))


def full(folder):
    """FCN-8s with weights by the fixtures' rule, and what its export took."""
    described = full_size.load(FIXTURES)
    net, path = os.path.join(folder, "full.caffemodel"), os.path.join(folder, "full.onnx")
    full_size.write_model(described, net)
    picture = described["runs"][0]
    x = full_size.picture(described, picture)
    sizes = ",".join(str(side) for side in x.shape)
    took = subprocess.run(
        [sys.executable, "-c", "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
         "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)", PROGRAM, "export", net, "--prototxt",
         f"{FIXTURES}/fcn8s_full.prototxt", "--size", sizes, path], check=True, capture_output=True, text=True)
    os.remove(net)
    memory = int(took.stdout.split()[-1])
    assert memory <= MOST_MEMORY, f"exporting {os.path.getsize(path) >> 20} MiB took {memory} MiB"
    step = described["step"]
    scores = next(iter(run(path, {"data": x}).values()))[:, :, ::step, ::step]
    return error(scores, np.load(f"{FIXTURES}/{picture['file']}").reshape(scores.shape))


def random_net(seed, folder):
    """All outputs against PyTorch in double precision."""
    made, path = RandomNet(seed), os.path.join(folder, "net")
    with open(path + ".caffemodel", "wb") as file:
        file.write(caffemodel(made.net, with_structure=False))
    with open(path + ".prototxt", "w") as file:
        file.write(prototxt(made.net))
    inputs = {name: made.inputs[name] for name in made.net.inputs}
    export([path + ".caffemodel", "--prototxt", path + ".prototxt"], [x.shape for x in inputs.values()], path + ".onnx")
    got = run(path + ".onnx", inputs)
    # An input that is worked on in place ends under another name; one that no layer takes is no output.
    blobs = {blob: f"{blob}_2" if blob in inputs else blob for blob in made.net.outputs}
    blobs = {blob: name for blob, name in blobs.items() if blob not in inputs or name in got}
    assert set(blobs.values()) == set(got), f"outputs {sorted(got)}, not {sorted(blobs.values())}"
    return max(error(got[name], made.double[blob].numpy()) for blob, name in blobs.items())


class Tally:
    def __init__(self):
        self.passed, self.failed, self.refused, self.largest = 0, 0, 0, 0.0

    def take(self, what, compare, *arguments):
        try:
            differs = compare(*arguments)
            reason = None if differs <= TOLERANCE else f"differs by {differs:.1e} of its largest number"
        except subprocess.CalledProcessError as stopped:
            reason = stopped.stderr.strip()
            if compare is random_net and NO_WORDS in reason:
                self.refused += 1
                return
        except Exception as raised:  # a runtime's own, of whatever type: the others are to be tried all the same
            reason = f"{type(raised).__name__}: {raised}"
        if reason:
            self.failed += 1
            print(f"FAILED: {what}: {reason}", flush=True)
        else:
            self.passed, self.largest = self.passed + 1, max(self.largest, differs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", type=int, default=0)
    parser.add_argument("--replay", type=int)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        if options.replay is not None:
            print(prototxt(RandomNet(options.replay).net))
            tally.take(f"seed {options.replay}", random_net, options.replay, folder)
        else:
            scores = sorted(glob.glob(f"{FIXTURES}/*.score.npy"))
            for net in (path.removesuffix(".score.npy") for path in scores):
                tally.take(os.path.basename(net), fixture, net, folder)
            tally.take("built-in network", built_in, folder)
            if options.full:
                tally.take("FCN-8s", full, folder)
            for seed in range(options.nets):
                tally.take(f"--replay {seed}", random_net, seed, folder)
    if tally.refused:
        print(f"not in ONNX: {tally.refused} nets: {NO_WORDS}")
    print(f"{tally.passed} passed, {tally.failed} failed; largest error {tally.largest:.1e} of a blob's largest number")
    return 1 if tally.failed or tally.refused > options.nets // 100 + 1 else 0


if __name__ == "__main__":
    sys.exit(main())
