"""The scores of a Caffe net of caffe_net.py in double precision, by the layers' definitions: what all are compared with.

Slow and simple: a convolution is one matrix product for each place of its kernel. Not for FCN-8s, whose right scores are
Caffe's own.
"""

import numpy as np

import caffe_net


def padded(x, pad, value=0.0):
    return np.pad(x, ((0, 0), (pad, pad), (pad, pad)), constant_values=value)


def with_bias(layer, y):
    return y + layer.blobs[1].astype(np.float64).reshape(-1, 1, 1) if len(layer.blobs) > 1 else y


def convolution(layer, x):
    weights, side = caffe_net.filters(layer).astype(np.float64), layer.number("kernel_size", 1)
    stride, groups = layer.number("stride", 1), layer.number("group", 1)
    x = padded(x, layer.number("pad", 0))
    high, wide = ((length - side) // stride + 1 for length in x.shape[1:])
    y = np.zeros((len(weights), high, wide))
    for row in range(side):
        for column in range(side):
            met = x[:, row:row + stride * (high - 1) + 1:stride, column:column + stride * (wide - 1) + 1:stride]
            place = weights[:, :, row, column]
            if groups == 1:
                y += (place @ met.reshape(len(met), -1)).reshape(y.shape)
            elif groups == len(met) == len(weights):
                y += place[:, :, None] * met
            else:
                raise ValueError(f"{layer.name}: {groups} groups are not among the compared nets' layers")
    return with_bias(layer, y)


def deconvolution(layer, x):
    weights, side = caffe_net.filters(layer).astype(np.float64), layer.number("kernel_size", 1)
    stride, pad, groups = layer.number("stride", 1), layer.number("pad", 0), layer.number("group", 1)
    high, wide = ((length - 1) * stride + side for length in x.shape[1:])
    y = np.zeros((layer.number("num_output", 1), high, wide))
    for row in range(side):
        for column in range(side):
            place = weights[:, :, row, column]  # [in, out / group]
            made = place[:, :, None] * x if groups > 1 else (place.T @ x.reshape(len(x), -1)).reshape(-1, *x.shape[1:])
            y[:, row:row + stride * (x.shape[1] - 1) + 1:stride, column:column + stride * (x.shape[2] - 1) + 1:stride] += made
    return with_bias(layer, y[:, pad:high - pad, pad:wide - pad])


def pooling(layer, x):
    """The largest of each window; the last may hang over."""
    side, stride = layer.number("kernel_size", 1), layer.number("stride", 1)
    high, wide = (-(-(length - side) // stride) + 1 for length in x.shape[1:])
    over = [(0, 0)] + [(0, stride * (n - 1) + side - length) for n, length in zip((high, wide), x.shape[1:])]
    x = np.pad(x, over, constant_values=-np.inf)
    return np.max([x[:, row:row + stride * (high - 1) + 1:stride, column:column + stride * (wide - 1) + 1:stride]
                   for row in range(side) for column in range(side)], axis=0)


OPERATIONS = {
    "Convolution": convolution, "Deconvolution": deconvolution, "Pooling": pooling,
    "ReLU": lambda _, x: np.maximum(x, 0), "Eltwise": lambda _, *x: sum(x),
    "Concat": lambda _, *x: np.concatenate(x), "Dropout": lambda _, x: x,
    "Scale": lambda layer, x: x * caffe_net.constant(layer)}


def scores(layers, x):
    """[1, classes, height, width] of the input [1, channels, height, width]."""
    blobs = {}
    for layer in layers:
        taken = [blobs[name] for name in layer.bottoms]
        blobs[layer.tops[0]] = OPERATIONS[layer.type](layer, *taken) if taken else x[0].astype(np.float64)
    return blobs[layers[-1].tops[0]][None]
