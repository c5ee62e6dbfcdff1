"""OpenCV's dnn as the peer, for nets of the layers that its Caffe importer knows and computes as Caffe does."""

import cv2
import numpy as np

from caffe_files import caffemodel, prototxt

UNKNOWN = {"ArgMax", "Bias", "Clip", "Interp", "Reduction", "Threshold", "Tile", "Upsample"}


def reason_against(net, shapes):
    """Why a net, with these shapes of its blobs, is not for OpenCV, or None.

    What is named "otherwise" OpenCV 4.14 computes, but not as Caffe's sources say; PyTorch, which is asked about every
    net, bears Caffe out there.
    """
    reasons = (_reason(layer, [shapes[bottom] for bottom in layer.bottoms]) for layer in net.layers)
    return next(filter(None, reasons), None)


def _reason(layer, inputs):
    p = next(iter(layer.parameters.values()), {})
    if layer.type in UNKNOWN:
        return f"{layer.type}: unknown"
    otherwise = {
        "Swish": p.get("beta", 1.0) != 1,  # takes no beta
        "MVN": p.get("normalize_variance", True),  # epsilon inside the root
        "Log": "scale" in p or "shift" in p,  # takes neither
        "LRN": "k" in p,  # takes no k
        "Deconvolution": p.get("dilation", 1) != 1,  # takes no dilation
        "InnerProduct": p.get("transpose", False),  # does not transpose
        "Slice": "slice_point" not in p,  # splits into as many parts as it likes
        # Its depthwise loop goes wrong on planes of one row or column.
        "Convolution": 1 < p.get("group", 1) == p.get("num_output") and 1 in inputs[0][2:],
    }
    return f"{layer.type}: otherwise" if otherwise.get(layer.type, False) else None


def run(net, inputs, blobs):
    """Those of the blobs that OpenCV keeps. Throws cv2.error for a net that it does not take."""
    files = prototxt(net).encode(), caffemodel(net, with_structure=False)
    opened = cv2.dnn.readNetFromCaffe(*(np.frombuffer(file, np.uint8) for file in files))
    opened.enableFusion(False)  # fused layers cannot be asked for what they give
    for name, array in inputs.items():
        opened.setInput(array, name)
    # It asks layers, not blobs: the last one that writes the blob, and which of its tops.
    writers = {top: (layer.name, place) for layer in net.layers for place, top in enumerate(layer.tops)}
    # One of several tops that a further layer consumes is written over: only a layer's first one is kept on request.
    blobs = [blob for blob in blobs if blob in net.outputs or writers[blob][1] == 0]
    given = opened.forwardAndRetrieve([writers[blob][0] for blob in blobs])
    return {blob: tops[writers[blob][1]] for blob, tops in zip(blobs, given) if writers[blob][1] < len(tops)}
