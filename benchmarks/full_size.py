"""The full-size FCN-8s of the fixtures: its weights follow a rule, so that nobody has to keep 537 MB.

Writes the .caffemodel that fcn8s_full.json describes, and makes its pictures. The protobuf is put together here by
hand, not by FaceSeg, so that reading it is a test. Used by tests and benchmarks; imports numpy only.
"""

import json
import os
import struct

import numpy as np

MEAN = np.array([104.00699, 116.66877, 122.67892], np.float32)
CHUNK = 1 << 22


def uniform(first, count, key):
    """Numbers i = first ... of the array with a key: the fixtures' hash, 0 <= u < 1 in float32."""
    i = np.arange(first, first + count, dtype=np.uint64).astype(np.uint32)
    with np.errstate(over="ignore"):
        h = i * np.uint32(2654435761) + np.uint32((key * 40503 + 12345) % 2**32)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) / np.float32(16777216)


def bilinear(shape):
    """The bilinear kernel from class c to class c, zero elsewhere."""
    side = shape[-1]
    f = (side + 1) // 2
    c = (side - 1) / (2 * f)
    line = 1 - np.abs(np.arange(side) / f - c)
    weights = np.zeros(shape, np.float32)
    for channel in range(shape[0]):
        weights[channel, channel] = np.outer(line, line)
    return weights


def chunks(parameter):
    """The numbers of a parameter, a few million at a time."""
    shape, rule = parameter["shape"], parameter["rule"]
    count = int(np.prod(shape))
    if rule == "hash":
        for first in range(0, count, CHUNK):
            u = uniform(first, min(CHUNK, count - first), parameter["p"])
            yield (u - np.float32(0.5)) * np.float32(parameter["amplitude"])
    elif rule == "list":
        yield np.array(parameter["values"], np.float32).reshape(-1)
    elif rule == "constant":
        yield np.full(count, parameter["value"], np.float32)
    else:
        yield bilinear(shape).reshape(-1)


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def write_model(description, path):
    """NetParameter { layer { name, blobs { data, shape } } }: layers without a type, so weights alone."""
    layers = {}
    for parameter in description["params"]:
        layers.setdefault(parameter["layer"], []).append(parameter)
    with open(path + ".part", "wb") as out:
        for name, parameters in layers.items():
            heads = []
            for parameter in parameters:
                count = int(np.prod(parameter["shape"]))
                shape = field(7, field(1, b"".join(varint(side) for side in parameter["shape"])))
                data_head = varint(5 << 3 | 2) + varint(4 * count)
                heads.append(shape + data_head)
            bodies = [len(head) + 4 * int(np.prod(p["shape"])) for head, p in zip(heads, parameters)]
            blob_heads = [varint(7 << 3 | 2) + varint(size) for size in bodies]
            first = field(1, name.encode())
            total = len(first) + sum(len(b) + s for b, s in zip(blob_heads, bodies))
            out.write(varint(100 << 3 | 2) + varint(total) + first)
            for blob_head, head, parameter in zip(blob_heads, heads, parameters):
                out.write(blob_head + head)
                for numbers in chunks(parameter):
                    numbers.astype("<f4").tofile(out)
    os.replace(path + ".part", path)


def picture(description, run):
    """The input blob [1, 3, height, width] of a run."""
    block, height, width = description["picture_block"], run["height"], run["width"]
    high, wide = -(-height // block), -(-width // block)
    level = np.floor(uniform(0, 3 * high * wide, run["picture_p"]) * 256).reshape(3, high, wide)
    big = level.repeat(block, 1).repeat(block, 2)[:, :height, :width]
    return (big - MEAN[:, None, None])[None].astype(np.float32)


def load(folder):
    with open(os.path.join(folder, "fcn8s_full.json")) as file:
        return json.load(file)


def check(description):
    """The generated numbers that the fixtures list, as a test of this file."""
    by_name = {(p["layer"], p["blob"]): p for p in description["params"]}
    conv = by_name["conv1_1", 0]
    got = next(chunks(conv))[:4]
    assert np.array_equal(got, np.float32(description["check"]["conv1_1_first_four"])), got
    fc6 = by_name["fc6", 0]
    count = int(np.prod(fc6["shape"]))
    tail = (uniform(count - 2, 2, fc6["p"]) - np.float32(0.5)) * np.float32(fc6["amplitude"])
    assert np.array_equal(tail, np.float32(description["check"]["fc6_last_two"])), tail
    first = picture(description, description["runs"][0]).reshape(-1)[::1][:1]
    assert np.isclose(first[0], description["check"]["picture_first_four"][0], atol=1e-4)
