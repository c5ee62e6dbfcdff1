"""FaceSeg against other runtimes, on the same nets, in one run: writes benchmarks/RESULTS.md and results.png.

    make bench          all runtimes, ten minutes
    make bench-quick    two minutes

Each runtime runs in a fresh process, one after the other, then all again: two rounds (--rounds). Scores are compared
with Caffe's own for FCN-8s, and with those in double precision (double.py) for the others. The machine's peak is
measured between the rounds (peak.c). Needs ../shared/fixtures and ../shared/bootstrap, or
FACESEG_FIXTURES and FACESEG_BOOTSTRAP.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy as np

import networks
import results

HERE = os.path.dirname(os.path.abspath(__file__))
ALL = ["faceseg", "ncnn", "MNN", "OpenVINO", "ONNX Runtime", "OpenCV dnn", "OpenVINO bf16"]
QUICK = ["faceseg", "ncnn", "OpenVINO bf16"]


def measure(net, runtime, threads, quick):
    repeats = max(net.repeats // (4 if quick else 1), 2)
    output = net.path + ".output.npy"
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, "measure.py"), runtime, net.path, str(threads), str(repeats),
         net.path + ".input.npy", output], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{runtime}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return
    net.runs.setdefault((runtime, threads), []).append(json.loads(done.stdout.splitlines()[-1]))
    net.errors[runtime] = error(net, np.load(output))


def error(net, scores):
    """Largest difference to the right scores, of the largest of these."""
    reference, step = net.reference
    got = scores.reshape(1, -1, *net.input.shape[2:])[:, :, ::step, ::step]
    return float(np.abs(got.reshape(reference.shape) - reference).max() / np.abs(reference).max())


def peak(folder, threads):
    """GFLOP/s of fp32 multiply-adds on so many threads at once."""
    program = os.path.join(folder, "peak")
    if not os.path.exists(program):
        subprocess.run(["gcc", "-O2", "-march=native", os.path.join(HERE, "peak.c"), "-o", program], check=True)
    runs = [subprocess.Popen([program], stdout=subprocess.PIPE, text=True) for _ in range(threads)]
    return sum(float(run.communicate()[0]) for run in runs)


def versions(runtimes):
    packages = {"ncnn": "ncnn", "MNN": "MNN", "OpenVINO": "openvino", "ONNX Runtime": "onnxruntime",
                "OpenCV dnn": "opencv-python-headless"}
    import faceseg
    found = [f"FaceSeg {faceseg.runtime().version} ({faceseg.runtime().cpu}, {faceseg.runtime().openmp})"]
    return found + [f"{name} {importlib.metadata.version(packages[name])}" for name in runtimes if name in packages]


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} cores"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    runtimes = QUICK if options.quick else ALL
    rounds = 1 if options.quick else options.rounds
    with tempfile.TemporaryDirectory() as folder:
        nets = networks.all_of(folder)
        for net in nets:
            networks.convert(net, runtimes)
        peaks = {1: [], 2: []}
        for _ in range(rounds):
            for threads in (2, 1):
                peaks[threads].append(peak(folder, threads))
                for net in nets:
                    for runtime in runtimes:
                        measure(net, runtime, threads, options.quick)
        head = f"{processor()}, {datetime.date.today()}; {', '.join(versions(runtimes))}"
        text = results.markdown(nets, runtimes, {t: max(p) for t, p in peaks.items()}, head)
        print(text)
        if not options.quick:
            with open(os.path.join(HERE, "RESULTS.md"), "w") as out:
                out.write(text)
            results.picture(nets, runtimes, os.path.join(HERE, "results.png"), head)


if __name__ == "__main__":
    main()
