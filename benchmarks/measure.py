"""One runtime, one net, so many threads, in a process of its own: prints what it measured as a line of JSON.

    python benchmarks/measure.py RUNTIME NET THREADS REPEATS INPUT OUTPUT

NET is the path of a net without its ending; INPUT and OUTPUT are .npy files.
"""

import json
import statistics
import sys
import time

import numpy as np


def faceseg_(net, threads):
    import faceseg
    session = faceseg.Session(faceseg.Model(net + ".caffemodel", prototxt=net + ".prototxt"), threads=threads)
    return session.forward


def ncnn_(net, threads):
    import ncnn
    model = ncnn.Net()
    model.opt.num_threads = threads
    for option in ("use_vulkan_compute", "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(model.opt, option, False)
    model.load_param(net + ".param")
    model.load_model(net + ".bin")

    def run(x):
        extractor = model.create_extractor()
        extractor.input("data", ncnn.Mat(x[0]).clone())
        return np.array(extractor.extract("score")[1])[None]
    return run


def onnxruntime_(net, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(net + ".onnx", options)
    return lambda x: session.run(None, {"data": x})[0]


def openvino_(net, threads, precision="f32"):
    import openvino
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(net + ".onnx"), "CPU", {
        "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    return lambda x: np.array(request.infer({0: x})[0])


def openvino_bf16(net, threads):
    return openvino_(net, threads, "bf16")


def mnn_(net, threads):
    import MNN.expr
    import MNN.nn
    manager = MNN.nn.create_runtime_manager(({"backend": "CPU", "numThread": threads, "precision": "high"},))
    module = MNN.nn.load_module_from_file(net + ".mnn", ["data"], ["score"], runtime_manager=manager)

    def run(x):
        given = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
        given.write(x)
        return np.array(module.forward(given).read())
    return run


def opencv_(net, threads):
    import cv2
    cv2.setNumThreads(threads)
    model = cv2.dnn.readNetFromCaffe(net + ".prototxt", net + ".caffemodel")

    def run(x):
        model.setInput(x)
        return model.forward("score")
    return run


RUNTIMES = {
    "faceseg": faceseg_, "ncnn": ncnn_, "ONNX Runtime": onnxruntime_, "OpenVINO": openvino_,
    "OpenVINO bf16": openvino_bf16, "MNN": mnn_, "OpenCV dnn": opencv_}


def peak_memory():
    """MiB that this program had at most; the parent's do not count, as they would in ru_maxrss."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def main():
    runtime, net, threads, repeats, given, taken = sys.argv[1:]
    x = np.load(given)
    start = time.perf_counter()
    run = RUNTIMES[runtime](net, int(threads))
    loaded = time.perf_counter()
    np.save(taken, run(x))
    first = time.perf_counter()
    times = []
    for _ in range(int(repeats)):
        begin = time.perf_counter()
        run(x)
        times.append((time.perf_counter() - begin) * 1000)
    print(json.dumps({
        "median": statistics.median(times), "minimum": min(times), "load": loaded - start, "first": first - loaded,
        "peak": peak_memory()}))


if __name__ == "__main__":
    main()
