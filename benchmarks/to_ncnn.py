"""A Caffe net of caffe_net.py as ncnn's .param and .bin, by the layer parameters of ncnn's operation list."""

import numpy as np

import caffe_net


def add(layer, lines, binary, blobs):
    name, inputs = layer.name, [blobs[b] for b in layer.bottoms]
    side, stride, pad = layer.number("kernel_size", 1), layer.number("stride", 1), layer.number("pad", 0)
    made = f"{name}_{layer.tops[0]}"
    kind = layer.type
    if kind in ("Convolution", "Deconvolution"):
        weights = caffe_net.filters(layer)
        groups, outputs = layer.number("group", 1), layer.number("num_output", 1)
        if kind == "Deconvolution":  # [in, out / group] there, [out / group, in] here
            shape = weights.shape
            weights = weights.reshape(groups, shape[0] // groups, shape[1], *shape[2:]).swapaxes(1, 2)
        has_bias = len(layer.blobs) > 1
        kind += "DepthWise" if groups > 1 else ""
        parameters = f"0={outputs} 1={side} 3={stride} 4={pad} 5={int(has_bias)} 6={weights.size}"
        parameters += f" 7={groups}" if groups > 1 else ""
        binary.append(b"\0\0\0\0" + np.ascontiguousarray(weights, "<f4").tobytes())
        if has_bias:
            binary.append(layer.blobs[1].astype("<f4").tobytes())
    elif kind == "Pooling":
        parameters = f"0=0 1={side} 2={stride} 3={pad} 5=0"
    elif kind == "ReLU":
        parameters = ""
    elif kind == "Eltwise":
        kind, parameters = "BinaryOp", "0=0"
    elif kind == "Concat":
        parameters = "0=0"
    elif kind == "Scale":
        kind, parameters = "BinaryOp", f"0=2 1=1 2={caffe_net.constant(layer)}"
    elif kind == "Dropout":
        blobs[layer.tops[0]] = inputs[0]
        return
    elif kind == "Crop":
        offset = layer.number("offset", 0)
        parameters = f"0={offset} 1={offset} 2=0"
    else:
        raise ValueError(f"{name}: {kind} is not among the compared nets' layers")
    lines.append((kind, name, inputs, [made], parameters))
    blobs[layer.tops[0]] = made


def fuse(lines):
    """ReLU into the convolution before it, as ncnn's own converter does."""
    uses = {}
    for _, _, inputs, _, _ in lines:
        for blob in inputs:
            uses[blob] = uses.get(blob, 0) + 1
    kept, renamed = [], {}
    for kind, name, inputs, outputs, parameters in lines:
        inputs = [renamed.get(b, b) for b in inputs]
        before = next((i for i, line in enumerate(kept) if line[3] == inputs), None)
        if kind == "ReLU" and before is not None and "volution" in kept[before][0] and uses[inputs[0]] == 1:
            maker = kept[before]
            kept[before] = (*maker[:4], maker[4] + " 9=1")
            renamed[outputs[0]] = inputs[0]
            continue
        kept.append((kind, name, inputs, outputs, parameters))
    return kept, renamed


def split(lines):
    """ncnn wants each blob taken once: copies of those that several take."""
    takers = {}
    for _, _, inputs, _, _ in lines:
        for blob in inputs:
            takers[blob] = takers.get(blob, 0) + 1
    given, result = {}, []
    for kind, name, inputs, outputs, parameters in lines:
        own = []
        for blob in inputs:
            count = given[blob] = given.get(blob, -1) + 1
            own.append(f"{blob}_{count}" if takers[blob] > 1 else blob)
        result.append((kind, name, own, outputs, parameters))
        for blob in outputs:
            if takers.get(blob, 0) > 1:
                copies = [f"{blob}_{i}" for i in range(takers[blob])]
                result.append(("Split", f"split_{blob}", [blob], copies, ""))
    return result


def write(layers, path):
    lines, binary, blobs = [("Input", "data", [], ["data"], "")], [], {}
    for layer in layers:
        if layer.type == "Input":
            blobs[layer.tops[0]] = "data"
        else:
            add(layer, lines, binary, blobs)
    lines, renamed = fuse(lines)
    last = blobs[layers[-1].tops[0]]
    last = renamed.get(last, last)
    lines = [(k, n, i, ["score" if b == last else b for b in o], p) for k, n, i, o, p in split(lines)]
    names = {blob for line in lines for blob in line[3]}
    with open(path + ".param", "w") as out:
        out.write(f"7767517\n{len(lines)} {len(names)}\n")
        for kind, name, inputs, outputs, parameters in lines:
            words = [kind, name, str(len(inputs)), str(len(outputs)), *inputs, *outputs, parameters]
            out.write(" ".join(word for word in words if word) + "\n")
    with open(path + ".bin", "wb") as out:
        for part in binary:
            out.write(part)
