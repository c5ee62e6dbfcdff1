"""A Caffe net of caffe_net.py as ONNX, for the peers that read that."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import caffe_net


class Graph:
    def __init__(self):
        self.nodes, self.numbers, self.blobs, self.shapes = [], [], {}, {}

    def keep(self, name, array):
        self.numbers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operation, layer, inputs, **attributes):
        made = f"{layer.name}_{layer.tops[0]}"
        self.nodes.append(helper.make_node(operation, inputs, [made], **attributes))
        self.blobs[layer.tops[0]] = made


def add(graph, layer):
    inputs = [graph.blobs[name] for name in layer.bottoms]
    side, stride, pad = (layer.number("kernel_size", 1), layer.number("stride", 1), layer.number("pad", 0))
    window = {"kernel_shape": [side] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
    if layer.type in ("Convolution", "Deconvolution"):
        own = [graph.keep(f"{layer.name}_w", caffe_net.filters(layer))]
        if len(layer.blobs) > 1:
            own.append(graph.keep(f"{layer.name}_b", layer.blobs[1].reshape(-1)))
        kind = "Conv" if layer.type == "Convolution" else "ConvTranspose"
        graph.add(kind, layer, inputs + own, group=layer.number("group", 1), **window)
    elif layer.type == "Pooling":
        graph.add("MaxPool", layer, inputs, ceil_mode=1, **window)
    elif layer.type == "ReLU":
        graph.add("Relu", layer, inputs)
    elif layer.type == "Eltwise":
        graph.add("Add", layer, inputs)
    elif layer.type == "Concat":
        graph.add("Concat", layer, inputs, axis=1)
    elif layer.type == "Scale":
        factor = graph.keep(f"{layer.name}_f", np.float32([caffe_net.constant(layer)]))
        graph.add("Mul", layer, inputs + [factor])
    elif layer.type == "Dropout":
        graph.blobs[layer.tops[0]] = inputs[0]
    elif layer.type == "Crop":
        offset = layer.number("offset", 0)
        sizes = graph.keep(f"{layer.name}_o", np.int64([offset, offset]))
        shape = helper.make_node("Shape", [inputs[1]], [f"{layer.name}_shape"])
        cut = helper.make_node(
            "Slice", [f"{layer.name}_shape", graph.keep(f"{layer.name}_2", np.int64([2])),
                      graph.keep(f"{layer.name}_4", np.int64([4]))], [f"{layer.name}_sides"])
        end = helper.make_node("Add", [f"{layer.name}_sides", sizes], [f"{layer.name}_end"])
        graph.nodes += [shape, cut, end]
        axes = graph.keep(f"{layer.name}_axes", np.int64([2, 3]))
        graph.add("Slice", layer, [inputs[0], sizes, f"{layer.name}_end", axes])
    else:
        raise ValueError(f"{layer.name}: {layer.type} is not among the compared nets' layers")


def write(layers, shape, path):
    graph = Graph()
    for layer in layers:
        if layer.type == "Input":
            graph.blobs[layer.tops[0]] = "data"
        else:
            add(graph, layer)
    graph.nodes.append(helper.make_node("Identity", [graph.blobs[layers[-1].tops[0]]], ["score"]))
    value = helper.make_tensor_value_info
    whole = helper.make_graph(
        graph.nodes, "net", [value("data", TensorProto.FLOAT, shape)],
        [value("score", TensorProto.FLOAT, [1, None, shape[2], shape[3]])], graph.numbers)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, path)
