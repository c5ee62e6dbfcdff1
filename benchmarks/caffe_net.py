"""A Caffe net, its prototxt and its caffemodel, as a list of layers for the converters beside this file.

Knows the layers of the nets that are compared and no more. Not FaceSeg's reader: the peers' nets must not depend on it.
"""

import re
import struct
from dataclasses import dataclass

import numpy as np


@dataclass
class Layer:
    name: str
    type: str
    bottoms: list
    tops: list
    text: str
    blobs: list

    def number(self, key, default):
        found = re.search(rf"\b{key}: *([-\d.e]+)", self.text)
        return type(default)(float(found[1])) if found else default

    def word(self, key, default):
        found = re.search(rf"\b{key}: *(\w+)", self.text)
        return found[1] if found else default


def blocks(text):
    """The bodies of the top level's layer { ... }."""
    text = re.sub(r"#.*", "", text)
    for start in re.finditer(r"\blayer *\{", text):
        depth, at = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield text[start.end():at - 1]


def fields(data):
    """Number and payload of each field of a protobuf message; payloads of fixed and whole numbers are left out."""
    at = 0
    while at < len(data):
        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value
        key = varint()
        if key & 7 == 2:
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size
        elif key & 7 == 0:
            varint()
        else:
            at += 4 if key & 7 == 5 else 8


def blob(data):
    """BlobProto: data 5, shape 7."""
    numbers, shape = None, []
    for number, payload in fields(data):
        if number == 5:
            numbers = np.frombuffer(payload, "<f4")
        elif number == 7:
            for _, packed in fields(payload):
                value = shift = 0
                for byte in packed:
                    value |= (byte & 127) << shift
                    shift += 7
                    if byte < 128:
                        shape.append(value)
                        value = shift = 0
    return numbers.reshape(shape)


def weights(path):
    """Blobs by the layer's name: NetParameter's layer 100, name 1, blobs 7."""
    found = {}
    with open(path, "rb") as file:
        data = memoryview(file.read())
    for number, layer in fields(data):
        if number != 100:
            continue
        name, own = "", []
        for field, payload in fields(layer):
            if field == 1:
                name = bytes(payload).decode()
            elif field == 7:
                own.append(blob(payload))
        if own:
            found[name] = own
    return found


def read(prototxt, caffemodel):
    known = weights(caffemodel)
    layers = []
    with open(prototxt) as file:
        for text in blocks(file.read()):
            name = re.search(r'\bname: *"([^"]*)"', text)[1]
            layers.append(Layer(
                name, re.search(r'\btype: *"([^"]*)"', text)[1], re.findall(r'\bbottom: *"([^"]*)"', text),
                re.findall(r'\btop: *"([^"]*)"', text), text, known.get(name, [])))
    return layers


def constant(layer):
    """The number that a frozen Scale layer multiplies with."""
    return float(layer.blobs[0].reshape(-1)[0]) if layer.blobs else layer.number("value", 1.0)


def bilinear(side):
    f = (side + 1) // 2
    line = 1 - np.abs(np.arange(side) / f - (side - 1) / (2 * f))
    return np.outer(line, line)


def filters(layer):
    """A deconvolution's or convolution's weights; those of a frozen layer from its filler."""
    if layer.blobs:
        return layer.blobs[0]
    outputs, side = layer.number("num_output", 1), layer.number("kernel_size", 1)
    groups = layer.number("group", 1)
    kernel = bilinear(side) if layer.word("type", "") == "bilinear" or '"bilinear"' in layer.text else np.ones((side, side))
    whole = np.zeros((outputs, outputs // groups, side, side), np.float32)
    whole[:] = kernel
    return whole
