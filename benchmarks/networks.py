"""Speed of networks against OpenCV's dnn, which reads the same Caffe files, in the same run.

    make bench

FCN-8s for 3 classes at 512 x 512 with its real widths (weights by the fixtures' rule) and the built-in network at
256 x 256, forward passes only. Median of `repeats`, first run left out; each runtime with the same number of threads.
Needs ../shared/fixtures and ../shared/bootstrap, or FACESEG_FIXTURES and FACESEG_BOOTSTRAP.
"""

import os
import platform
import resource
import statistics
import tempfile
import time

import cv2
import numpy as np

import faceseg
import full_size

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIXTURES = os.path.join(
    os.environ.get("FACESEG_FIXTURES", os.path.join(ROOT, "../shared/fixtures")), "inference")
BOOTSTRAP = os.environ.get("FACESEG_BOOTSTRAP", os.path.join(ROOT, "../shared/bootstrap"))


def median_ms(run, repeats):
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def compare(name, prototxt, caffemodel, x, output, repeats):
    peer = cv2.dnn.readNetFromCaffe(prototxt, caffemodel)
    model = faceseg.Model(caffemodel, prototxt=prototxt)
    for threads in (2, 1):
        cv2.setNumThreads(threads)
        with faceseg.Session(model, threads=threads) as session:
            ours = session.forward(x)
            peer.setInput(x)
            theirs = peer.forward(output)
            difference = np.abs(ours - theirs).max() / np.abs(theirs).max()
            a = median_ms(lambda: session.forward(x), repeats)
            b = median_ms(lambda: (peer.setInput(x), peer.forward(output)), repeats)
        print(f"| {name}, {threads} thread{'s' * (threads > 1)} | {a:.1f} | {b:.1f} | {b / a:.2f} | {difference:.1e} |")


def main():
    runtime = faceseg.runtime()
    print(f"{platform.machine()}, {runtime.cpu}, {runtime.openmp}, faceseg {runtime.version}, OpenCV {cv2.__version__}")
    print("| network | faceseg, ms | OpenCV dnn, ms | ratio | difference |")
    print("|---|---|---|---|---|")
    description = full_size.load(FIXTURES)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fcn8s.caffemodel")
        full_size.write_model(description, path)
        x = full_size.picture(description, description["runs"][0])
        compare("FCN-8s, 512 x 512", f"{FIXTURES}/fcn8s_full.prototxt", path, x, "score", 5)
    light = np.random.default_rng(0).normal(0, 1, (1, 3, 256, 256)).astype(np.float32)
    compare("built-in, 256 x 256", f"{BOOTSTRAP}/model.prototxt", f"{BOOTSTRAP}/model.caffemodel", light, "score", 100)
    print(f"peak memory of the process, both runtimes: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
