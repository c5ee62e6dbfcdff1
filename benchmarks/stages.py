"""What each step of a run takes, and its share of what the processor can do: writes benchmarks/STAGES.md.

    make bench-stages                                     FCN-8s, the built-in network and a MobileNetV2-UNet, three minutes
    make bench-stages STAGES="their.caffemodel --prototxt their.prototxt --size 512x512"      another model, printed only

The clock is the library's own (`faceseg info --time`): the medians of several runs in one process. The peak is measured
(peak.c) for what a step multiplies: floats, bfloat16, whole numbers of 16 bits, or of 8, which are twice as many. It
waits until the cores are near each other, as compare.py does. Needs ../shared/fixtures or FACESEG_FIXTURES.
"""

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

import compare
import full_size
import light_nets
import networks
import results

HERE = os.path.dirname(os.path.abspath(__file__))
THREADS = (2, 1)
FLAGS = {"float": compare.PEAKS["widest"], "bfloat16": ["-march=native", "-DBFLOAT"], "whole": ["-march=native", "-DWHOLE"]}


def kind(kernel):
    """What a step multiplies, and how many times as many at once as the peak's program does."""
    if "8 bits" in kernel:
        return "whole", 2
    return ("whole" if "16 bits" in kernel else "bfloat16" if "bfloat16" in kernel else "float"), 1


class Peaks:
    """GFLOP/s of the processor, the best of three, each measured when it is first asked for."""

    def __init__(self, folder):
        self.folder, self.known = folder, {}

    def of(self, kernel, threads):
        name, times = kind(kernel)
        if (name, threads) not in self.known:
            self.known[name, threads] = max(compare.peak(self.folder, FLAGS[name], threads) for _ in range(3))
        return times * self.known[name, threads]


def timed(files, precision, threads, runs):
    """The plan of a model with the times of its steps, as faceseg says them."""
    command = [networks.PROGRAM, "info", *files, "--json", "--time", "--runs", str(runs), "--threads", str(threads)]
    done = subprocess.run([*command, "--precision", precision], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["plan"]


def cells(part, peaks, kernel, threads):
    """Of a step on so many threads: milliseconds, GFLOP/s as written, share of the peak that its products take."""
    time = part["milliseconds"]
    if part["multiply_adds"] == 0 or time == 0:
        return [f"{time:.3f}", "", ""]
    share = "" if kernel is None else f"{200 * part['products'] / time / 1e6 / peaks.of(kernel, threads):.0f}"
    return [f"{time:.3f}", f"{2 * part['multiply_adds'] / time / 1e6:.0f}", share]


def rows(plans, peaks):
    for steps in zip(*(plan["steps"] for plan in plans)):
        step = steps[0]
        bands = f", {step['bands']} bands" if step["bands"] > 1 else ""
        yield [" + ".join(step["layers"]) or "-", step["kernel"] + bands, " x ".join(map(str, step["shape"]))] + [
            cell for part, threads in zip(steps, THREADS) for cell in cells(part, peaks, step["kernel"], threads)]
    yield ["**total**", "", ""] + [
        cell for plan, threads in zip(plans, THREADS) for cell in cells(plan, peaks, None, threads)]


def table(title, files, precision, runs, cores, peaks):
    plans = []
    for threads in THREADS:
        cores.wait(threads)
        plans.append(timed(files, precision, threads, runs))
    lines = [f"## {title}, {precision}", "", "| step | kernel | output | " + " | ".join(
        f"{threads} {'thread' if threads == 1 else 'threads'}: ms | GFLOP/s | % of peak" for threads in THREADS) + " |"]
    lines.append("|---|---|---|" + "---:|---:|---:|" * len(THREADS))
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows(plans, peaks)]) + "\n"


def models(folder):
    """Title, arguments of faceseg, and runs of which the medians count."""
    fcn, mobile = os.path.join(folder, "fcn8s"), os.path.join(folder, "mobile")
    full_size.write_model(full_size.load(networks.FIXTURES), fcn + ".caffemodel")
    shutil.copy(f"{networks.FIXTURES}/fcn8s_full.prototxt", fcn + ".prototxt")
    light_nets.mobile_unet().write(mobile)
    yield "FCN-8s for 3 classes, 512 x 512", [
        fcn + ".caffemodel", "--prototxt", fcn + ".prototxt", "--size", "512x512"], 5
    yield "Built-in network, 256 x 256", ["--size", "256x256"], 100
    yield "MobileNetV2-UNet with random weights, 256 x 256", [
        mobile + ".caffemodel", "--prototxt", mobile + ".prototxt", "--size", "256x256"], 100


def head(peaks):
    measured = [f"{name}: {peaks.of(text, 2):.0f} on two cores, {peaks.of(text, 1):.0f} on one" for name, text in (
        ("floats", "product"), ("bfloat16", "bfloat16"), ("16-bit whole numbers", "16 bits"))]
    return "\n".join(["# Where the time goes", *results.paragraph(
        f"`make bench-stages`, {compare.processor()}, {datetime.date.today()}. Medians of runs in one process, by the "
        "library's own clock (`faceseg info --time`). GFLOP/s are those of the layers as they are written, a multiply-add "
        "being two; the share is that of the products that the kernel does, which transforms and borders make fewer, in "
        "the peak of what it multiplies. A step's time includes the frames around what it writes."), *results.paragraph(
            f"Measured peak, GFLOP/s: {'; '.join(measured)}; 8-bit ones twice as much."), ""])


def main():
    other = sys.argv[1:]  # arguments of `faceseg info`
    with tempfile.TemporaryDirectory() as folder:
        cores, peaks = compare.Cores(folder), Peaks(folder)
        cores.wait(max(THREADS))
        chosen = [("faceseg info " + " ".join(other), other, 20)] if other else models(folder)
        text = [head(peaks)] + [
            table(*model[:2], precision, model[2], cores, peaks) for model in chosen for precision in ("exact", "fast")]
    print("\n".join(text))
    if not other:
        with open(os.path.join(HERE, "STAGES.md"), "w") as out:
            out.write("\n".join(text))


if __name__ == "__main__":
    main()
