"""Caffe files of a net: its prototxt as text, its caffemodel as protobuf's wire format. Written by hand from
caffe.proto's numbers, not by FaceSeg, so that reading them is a test."""

import struct
from dataclasses import dataclass, field

import numpy as np

# Field numbers within a layer's parameters, and what travels there: "i" whole numbers, "f" floats, "b" truths, names of
# an enumeration with their numbers, or the numbers of a message within.
SHAPE = (1, {"dim": (1, "i")})
FIELDS = {
    "pooling_param": (121, {
        "pool": (1, {"MAX": 0, "AVE": 1}), "kernel_size": (2, "i"), "stride": (3, "i"), "pad": (4, "i"),
        "kernel_h": (5, "i"), "kernel_w": (6, "i"), "stride_h": (7, "i"), "stride_w": (8, "i"), "pad_h": (9, "i"),
        "pad_w": (10, "i"), "global_pooling": (12, "b")}),
    "convolution_param": (106, {
        "num_output": (1, "i"), "bias_term": (2, "b"), "pad": (3, "i"), "kernel_size": (4, "i"), "group": (5, "i"),
        "stride": (6, "i"), "pad_h": (9, "i"), "pad_w": (10, "i"), "kernel_h": (11, "i"), "kernel_w": (12, "i"),
        "stride_h": (13, "i"), "stride_w": (14, "i"), "dilation": (18, "i")}),
    "argmax_param": (103, {"out_max_val": (1, "b"), "top_k": (2, "i"), "axis": (3, "i")}),
    "concat_param": (104, {"axis": (2, "i")}),
    "eltwise_param": (110, {"operation": (1, {"PROD": 0, "SUM": 1, "MAX": 2}), "coeff": (2, "f")}),
    "exp_param": (111, {"base": (1, "f"), "scale": (2, "f"), "shift": (3, "f")}),
    "inner_product_param": (117, {
        "num_output": (1, "i"), "bias_term": (2, "b"), "axis": (5, "i"), "transpose": (6, "b")}),
    "lrn_param": (118, {
        "local_size": (1, "i"), "alpha": (2, "f"), "beta": (3, "f"),
        "norm_region": (4, {"ACROSS_CHANNELS": 0, "WITHIN_CHANNEL": 1}), "k": (5, "f")}),
    "mvn_param": (120, {"normalize_variance": (1, "b"), "across_channels": (2, "b"), "eps": (3, "f")}),
    "power_param": (122, {"power": (1, "f"), "scale": (2, "f"), "shift": (3, "f")}),
    "relu_param": (123, {"negative_slope": (1, "f")}),
    "softmax_param": (125, {"axis": (2, "i")}),
    "slice_param": (126, {"slice_point": (2, "i"), "axis": (3, "i")}),
    "threshold_param": (128, {"threshold": (1, "f")}),
    "prelu_param": (131, {"channel_shared": (2, "b")}),
    "reshape_param": (133, {"shape": SHAPE, "axis": (2, "i"), "num_axes": (3, "i")}),
    "log_param": (134, {"base": (1, "f"), "scale": (2, "f"), "shift": (3, "f")}),
    "flatten_param": (135, {"axis": (1, "i"), "end_axis": (2, "i")}),
    "reduction_param": (136, {
        "operation": (1, {"SUM": 1, "ASUM": 2, "SUMSQ": 3, "MEAN": 4}), "axis": (2, "i"), "coeff": (3, "f")}),
    "tile_param": (138, {"axis": (1, "i"), "tiles": (2, "i")}),
    "batch_norm_param": (139, {"use_global_stats": (1, "b"), "eps": (3, "f")}),
    "elu_param": (140, {"alpha": (1, "f")}),
    "bias_param": (141, {"axis": (1, "i"), "num_axes": (2, "i")}),
    "scale_param": (142, {"axis": (1, "i"), "num_axes": (2, "i"), "bias_term": (4, "b")}),
    "input_param": (143, {"shape": SHAPE}),
    "crop_param": (144, {"axis": (1, "i"), "offset": (2, "i")}),
    "swish_param": (147, {"beta": (1, "f")}),
    "clip_param": (148, {"min": (1, "f"), "max": (2, "f")}),
    "dropout_param": (108, {"dropout_ratio": (1, "f")}),
}
# Layers of public forks have no numbers in BVLC's caffe.proto: they travel in a prototxt only.
TEXT_ONLY = {"permute_param", "interp_param", "upsample_param"}


@dataclass
class Layer:
    name: str
    type: str
    bottoms: list
    tops: list
    parameters: dict = field(default_factory=dict)  # {"convolution_param": {"num_output": 3, "pad": [1, 2]}}
    blobs: list = field(default_factory=list)  # float32 arrays


@dataclass
class Net:
    layers: list

    @property
    def inputs(self):
        return [layer.tops[0] for layer in self.layers if layer.type == "Input"]

    @property
    def outputs(self):
        """Blobs that no layer consumes, by their last writer, in its order."""
        left = {}
        for layer in self.layers:
            for bottom in layer.bottoms:
                left.pop(bottom, None)
            for top in layer.tops:
                left[top] = True
        return list(left)

    @property
    def is_text_only(self):
        return any(set(layer.parameters) & TEXT_ONLY for layer in self.layers)


# ---- Text ----------------------------------------------------------------------------------------------------------


def prototxt(net):
    return 'name: "random"\n' + "".join(_layer_text(layer) for layer in net.layers)


def _layer_text(layer):
    lines = [f'  name: "{layer.name}"', f'  type: "{layer.type}"']
    lines += [f'  bottom: "{bottom}"' for bottom in layer.bottoms] + [f'  top: "{top}"' for top in layer.tops]
    lines += [f"  {name} {{ {_message_text(values)} }}" for name, values in layer.parameters.items()]
    return "layer {\n" + "\n".join(lines) + "\n}\n"


def _message_text(values):
    return " ".join(_field_text(name, one) for name, value in values.items() for one in _listed(value))


def _field_text(name, value):
    if isinstance(value, dict):
        return f"{name} {{ {_message_text(value)} }}"
    if isinstance(value, bool):
        return f"{name}: {'true' if value else 'false'}"
    return f"{name}: {value}"


def _listed(value):
    return value if isinstance(value, list) else [value]


# ---- Wire ----------------------------------------------------------------------------------------------------------


def caffemodel(net, with_structure):
    """NetParameter: with the structure, or as names and weights alone."""
    return _bytes(1, b"random") + b"".join(
        _bytes(100, _layer_wire(layer, with_structure)) for layer in net.layers if with_structure or layer.blobs)


def _layer_wire(layer, with_structure):
    out = _bytes(1, layer.name.encode()) + _bytes(2, layer.type.encode())
    if with_structure:
        out += b"".join(_bytes(3, bottom.encode()) for bottom in layer.bottoms)
        out += b"".join(_bytes(4, top.encode()) for top in layer.tops)
    out += b"".join(_bytes(7, _blob(blob)) for blob in layer.blobs)
    if with_structure:
        for name, values in layer.parameters.items():
            number, fields = FIELDS[name]
            out += _bytes(number, _message_wire(values, fields))
    return out


def _blob(array):
    shape = _bytes(1, b"".join(_varint(side) for side in array.shape))
    return _bytes(7, shape) + _bytes(5, np.ascontiguousarray(array, "<f4").tobytes())


def _message_wire(values, fields):
    return b"".join(
        _field_wire(one, *fields[name]) for name, value in values.items() for one in _listed(value))


def _field_wire(value, number, kind):
    if isinstance(kind, dict) and isinstance(value, dict):
        return _bytes(number, _message_wire(value, kind))
    if kind == "f":
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    return _varint(number << 3) + _varint(kind[value] if isinstance(kind, dict) else int(value))


def _bytes(number, payload):
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(n):
    n &= 2**64 - 1  # as protobuf writes negative numbers
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])
