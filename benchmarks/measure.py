"""One runtime, one net, so many threads, in a process of its own: prints what it measured as a line of JSON.

    python benchmarks/measure.py RUNTIME NET THREADS REPEATS INPUT OUTPUT

NET is the path of a net without its ending; INPUT and OUTPUT are .npy files. REPEATS are at most so many, in some two
seconds. The clock for loading starts when the runtime's Python module is imported and the net's files are in the system's
cache; it ends with the first result.

What opens a net here yields once its layers are known, where the runtime's API separates that from the rest, and then,
when it is ready to run, what takes an input to its scores.
"""

import importlib
import inspect
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Callable

import numpy as np

SECONDS, LEAST = 2.0, 2  # of repeats


def faceseg_(net, threads, **options):
    import faceseg
    model = faceseg.Model(net + ".caffemodel", prototxt=net + ".prototxt")
    yield
    yield faceseg.Session(model, threads=threads, **options).forward


def has_fast():
    """Whether this FaceSeg can be asked for its fast mode."""
    import faceseg
    return "precision" in inspect.signature(faceseg.Session).parameters


def ncnn_(net, threads, bf16=False):
    import ncnn
    model = ncnn.Net()
    model.opt.num_threads = threads
    for option in ("use_vulkan_compute", "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic"):
        setattr(model.opt, option, False)
    model.opt.use_bf16_storage = model.opt.use_bf16_packed = bf16
    model.load_param(net + ".param")
    yield
    model.load_model(net + ".bin")

    def run(x):
        extractor = model.create_extractor()
        extractor.input("data", ncnn.Mat(x[0]).clone())
        return np.array(extractor.extract("score")[1])[None]
    yield run


def onnxruntime_(net, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(net + ".onnx", options)
    yield lambda x: session.run(None, {"data": x})[0]


def openvino_(net, threads, precision="f32"):
    import openvino
    core = openvino.Core()
    model = core.read_model(net + ".onnx")
    yield
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    yield lambda x: np.array(request.infer({0: x})[0])


def mnn_(net, threads):
    import MNN.expr
    import MNN.nn
    manager = MNN.nn.create_runtime_manager(({"backend": "CPU", "numThread": threads, "precision": "high"},))
    module = MNN.nn.load_module_from_file(net + ".mnn", ["data"], ["score"], runtime_manager=manager)

    def run(x):
        given = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
        given.write(x)
        return np.array(module.forward(given).read())
    yield run


def opencv_(net, threads):
    import cv2
    cv2.setNumThreads(threads)
    model = cv2.dnn.readNetFromCaffe(net + ".prototxt", net + ".caffemodel")

    def run(x):
        model.setInput(x)
        return model.forward("score")
    yield run


@dataclass
class Runtime:
    module: str
    endings: tuple  # of the files that it reads
    open: Callable  # (net, threads): a generator, see above
    environment: dict = field(default_factory=dict)


CAFFE = ("caffemodel", "prototxt")
# MNN's "low" precision and ONNX Runtime have no fast products on x86-64: the same numbers come out.
RUNTIMES = {
    "faceseg": Runtime("faceseg", CAFFE, faceseg_),
    "faceseg fast": Runtime("faceseg", CAFFE, partial(faceseg_, precision="fast")),
    "faceseg avx2": Runtime("faceseg", CAFFE, faceseg_, {"FACESEG_CPU": "avx2"}),
    "ncnn": Runtime("ncnn", ("param", "bin"), ncnn_),
    "ncnn bf16": Runtime("ncnn", ("param", "bin"), partial(ncnn_, bf16=True)),
    "MNN": Runtime("MNN.nn", ("mnn",), mnn_),
    "OpenVINO": Runtime("openvino", ("onnx",), openvino_),
    "OpenVINO bf16": Runtime("openvino", ("onnx",), partial(openvino_, precision="bf16")),
    "ONNX Runtime": Runtime("onnxruntime", ("onnx",), onnxruntime_),
    "OpenCV dnn": Runtime("cv2", CAFFE, opencv_)}


def peak_memory():
    """MiB that this program had at most; the parent's do not count, as they would in ru_maxrss."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def warm(path):
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass


def repeated(run, repeats):
    """Milliseconds of each run."""
    times, end = [], time.perf_counter() + SECONDS
    while len(times) < repeats and (len(times) < LEAST or time.perf_counter() < end):
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1000)
    return times


def main():
    name, net, threads, repeats, given, taken = sys.argv[1:]
    runtime = RUNTIMES[name]
    os.environ.update(runtime.environment)
    x = np.load(given)
    importlib.import_module(runtime.module)
    for ending in runtime.endings:
        warm(f"{net}.{ending}")
    before, run, clock = peak_memory(), None, [time.perf_counter()]
    for run in runtime.open(net, int(threads)):
        clock.append(time.perf_counter())
    scores = run(x)
    clock.append(time.perf_counter())
    *opened, ready, first = np.diff(clock)
    np.save(taken, scores)
    times = repeated(lambda: run(x), int(repeats))
    print(json.dumps({
        "median": statistics.median(times), "minimum": min(times), "opened": opened[0] if opened else None,
        "ready": ready, "first": first, "sum": clock[-1] - clock[0], "before": before, "peak": peak_memory()}))


if __name__ == "__main__":
    main()
