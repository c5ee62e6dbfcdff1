"""FaceSeg against other runtimes, on the same nets, in one run: writes benchmarks/RESULTS.md and results.png.

    make bench          all runtimes, ten minutes
    make bench-quick    two minutes

Each runtime runs in a fresh process, one after the other, then all again: two rounds (--rounds). Scores are compared
with Caffe's own for FCN-8s, and with those in double precision (double.py) for the others; if scores of 32 bits are
wrong, it says so and fails. The machine's peak is measured between the rounds (peak.c), and before each process that
uses several threads it waits until the cores reach it together and are near each other (distance.c). Needs ../shared/fixtures and ../shared/bootstrap, or
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
import time

import numpy as np

import faceseg
import measure
import networks
import results

HERE = os.path.dirname(os.path.abspath(__file__))
ALL = ["faceseg", "ncnn", "MNN", "OpenVINO", "ONNX Runtime", "OpenCV dnn", "faceseg fast", "ncnn bf16", "OpenVINO bf16"]
QUICK = ["faceseg", "ncnn", "faceseg fast", "OpenVINO bf16"]
TOLERANCE = 1e-3  # of the largest score, for runtimes that compute in 32 bits
HEAVY = 1e11  # operations of a net whose loading is worth a table
MOST_TOUCHED = 3 << 30  # bytes: more than any runtime takes
PEAKS = {"widest": ["-march=native"], "avx2": ["-mavx2", "-mfma"]}


def run_json(*command):
    """The last line that a Python program of this folder prints, or None and its complaint on standard error."""
    done = subprocess.run([sys.executable, os.path.join(HERE, command[0]), *command[1:]], capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    said = done.stderr.strip().splitlines()
    print(f"{' '.join(command)}: {said[-1] if said else done.returncode}", file=sys.stderr)
    return None


class Cores:
    """Waits until so many cores are worth as many times one, and are neighbours, for in all five minutes: two of a
    virtual machine may for a while be halves of one, or far from each other, and those of others never get there."""

    NEAR = 150  # nanoseconds there and back: within one cache it is some 60, beyond it some 300

    def __init__(self, folder):
        self.folder, self.patience = folder, 300

    def wait(self, threads):
        start = time.monotonic()
        while threads > 1 and time.monotonic() - start < self.patience and not self.are_there(threads):
            time.sleep(1)
        self.patience -= time.monotonic() - start

    def are_there(self, threads):
        alone, together = (peak(self.folder, PEAKS["widest"], count) for count in (1, threads))
        return together > 0.85 * threads * alone and distance(self.folder) < self.NEAR


def touch_memory():
    """Has pages of the machine's free memory written once. The host of a virtual machine may hand each out at its first
    use only, which took 2 s a GiB where RESULTS.md was written, and is not the doing of the runtime that comes first."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    subprocess.run([sys.executable, "-c", f"import numpy; numpy.ones({min(free // 2, MOST_TOUCHED)}, numpy.uint8)"])


def measure_net(net, runtime, threads, quick):
    if net.flops > HEAVY and threads > 1:  # whose loading is shown
        touch_memory()
    repeats = max(net.repeats // (4 if quick else 1), 2)
    output = net.path + ".output.npy"
    measured = run_json("measure.py", runtime, net.path, str(threads), str(repeats), net.path + ".input.npy", output)
    if measured:
        net.runs.setdefault((runtime, threads), []).append(measured)
        net.errors[runtime] = errors(net, np.load(output))


def errors(net, scores):
    """Largest difference to the right scores, of the largest of these, and the share of pixels with their labels."""
    right, step = net.reference
    got = scores.reshape(1, -1, *net.input.shape[2:])[:, :, ::step, ::step].reshape(right.shape)
    same = np.mean(got.argmax(axis=-3) == right.argmax(axis=-3))
    return float(np.abs(got - right).max() / np.abs(right).max()), float(same)


def wrong(nets):
    return [f"{net.title}: {runtime} is off by {error:.0e} of the largest score" for net in nets
            for runtime, (error, _) in net.errors.items() if not results.is_fast(runtime) and not error < TOLERANCE]


def measure_photo(photo, precisions, threads, quick):
    for precision in precisions:
        measured = run_json("pipeline.py", str(threads), precision, "50" if quick else "200")
        if measured:
            photo.setdefault((precision, threads), []).append(measured)


def peak(folder, flags, threads):
    """GFLOP/s of fp32 multiply-adds on so many threads at once."""
    runs = [subprocess.Popen([built(folder, "peak", flags)], stdout=subprocess.PIPE, text=True) for _ in range(threads)]
    return sum(float(run.communicate()[0]) for run in runs)


def built(folder, name, flags):
    """A C program of this folder."""
    program = os.path.join(folder, name + "".join(flags))
    if not os.path.exists(program):
        source = os.path.join(HERE, name + ".c")
        subprocess.run(["gcc", "-O2", *flags, source, "-o", program, "-lpthread"], check=True)
    return program


def distance(folder):
    """Nanoseconds between the first two processors, there and back."""
    return float(subprocess.run([built(folder, "distance", [])], capture_output=True, check=True).stdout)


def versions(runtimes):
    packages = {"ncnn": "ncnn", "MNN": "MNN", "OpenVINO": "openvino", "ONNX Runtime": "onnxruntime",
                "OpenCV dnn": "opencv-python-headless"}
    found = [f"FaceSeg {faceseg.runtime().version} ({faceseg.runtime().cpu}, {faceseg.runtime().openmp})"]
    return found + [f"{name} {importlib.metadata.version(package)}" for name, package in packages.items()
                    if any(runtime.startswith(name) for runtime in runtimes)]


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} cores"


def chosen(quick):
    """The runtimes that run here, and the kinds of peak that are wanted."""
    runtimes = [name for name in (QUICK if quick else ALL) if name != "faceseg fast" or measure.has_fast()]
    has_avx2_beside = faceseg.runtime().cpu == "avx512" and not quick
    return runtimes, ["widest", "avx2"] if has_avx2_beside else ["widest"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    runtimes, kinds = chosen(options.quick)
    precisions = ["exact", "fast"] if "faceseg fast" in runtimes else ["exact"]
    photo, peaks = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        nets, cores = networks.all_of(folder), Cores(folder)
        for net in nets:
            net.more = net.more if "avx2" in kinds else []
            networks.convert(net, runtimes)
            for runtime in ["faceseg", *net.more]:
                net.left[runtime] = networks.flops_left(net, measure.RUNTIMES[runtime].environment)
        for _ in range(1 if options.quick else options.rounds):
            for threads in (2, 1):
                for kind in kinds:
                    peaks.setdefault((kind, threads), []).append(peak(folder, PEAKS[kind], threads))
                for net in nets:
                    for runtime in runtimes + net.more:
                        cores.wait(threads)
                        measure_net(net, runtime, threads, options.quick)
                cores.wait(threads)
                measure_photo(photo, precisions, threads, options.quick)
    head = f"{processor()}, {datetime.date.today()}; {', '.join(versions(runtimes))}"
    text = results.markdown(nets, runtimes, photo, {key: max(found) for key, found in peaks.items()}, head)
    print(text)
    if not options.quick:
        with open(os.path.join(HERE, "RESULTS.md"), "w") as out:
            out.write(text)
        results.picture(nets, runtimes, os.path.join(HERE, "results.png"))
    sys.exit("\n".join(wrong(nets)) or None)


if __name__ == "__main__":
    main()
