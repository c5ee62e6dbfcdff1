"""What each of Caffe's layers computes, said in PyTorch's operations: a peer for every layer. Torch's own loops do the
arithmetic, in double precision where the arrays are double; the mapping of Caffe's conventions follows Caffe's sources
(named at each function) and never looks at FaceSeg's."""

import math

import torch
import torch.nn.functional as F


def run(net, inputs, dtype=torch.float64):
    """{blob: array} after all layers, as a dictionary that in-place layers overwrite."""
    blobs = {}
    for layer in net.layers:
        compute(layer, blobs, inputs, dtype)
    return blobs


def compute(layer, blobs, inputs, dtype=torch.float64):
    """Runs one layer on the dictionary of blobs."""
    if layer.type == "Input":
        blobs[layer.tops[0]] = torch.from_numpy(inputs[layer.tops[0]]).to(dtype)
        return
    parameters = next(iter(layer.parameters.values()), {})
    weights = [torch.as_tensor(blob).to(dtype) for blob in layer.blobs]
    given = [blobs[bottom] for bottom in layer.bottoms]
    made = LAYERS[layer.type](parameters, weights, *given, **({"tops": len(layer.tops)} if layer.type in MANY else {}))
    for top, value in zip(layer.tops, made if isinstance(made, (list, tuple)) else [made]):
        blobs[top] = value


def _pair(p, both, high, wide, otherwise):
    value = p.get(both, otherwise)
    first, last = (value[0], value[-1]) if isinstance(value, list) else (value, value)
    return p.get(high, first), p.get(wide, last)


def _window(p):
    return (_pair(p, "kernel_size", "kernel_h", "kernel_w", None), _pair(p, "stride", "stride_h", "stride_w", 1),
            _pair(p, "pad", "pad_h", "pad_w", 0), _pair(p, "dilation", "", "", 1))


def convolution(p, w, x):  # base_conv_layer.cpp
    _, stride, pad, dilation = _window(p)
    return F.conv2d(x, w[0], w[1].reshape(-1) if len(w) > 1 else None, stride, pad, dilation, p.get("group", 1))


def deconvolution(p, w, x):  # deconv_layer.cpp: weights are [in, out / group, kh, kw]
    _, stride, pad, dilation = _window(p)
    return F.conv_transpose2d(
        x, w[0], w[1].reshape(-1) if len(w) > 1 else None, stride, pad, 0, p.get("group", 1), dilation)


def inner_product(p, w, x):  # inner_product_layer.cpp
    axis = p.get("axis", 1) % x.dim()
    matrix = w[0] if p.get("transpose", False) else w[0].t()
    y = x.reshape(*x.shape[:axis], -1) @ matrix
    return y + w[1].reshape(-1) if len(w) > 1 else y


def pooling(p, w, x):  # pooling_layer.cpp
    if p.get("global_pooling", False):
        return x.amax((2, 3), True) if p.get("pool", "MAX") == "MAX" else x.mean((2, 3), keepdim=True)
    kernel, stride, pad, _ = _window(p)
    sides = [_pooled(x.shape[2 + i], kernel[i], stride[i], pad[i], any(pad)) for i in (0, 1)]
    # What the windows cover: the picture, the padding before it, and as much behind it.
    reach = [(sides[i] - 1) * stride[i] + kernel[i] for i in (0, 1)]
    behind = [max(reach[i] - pad[i] - x.shape[2 + i], 0) for i in (0, 1)]
    around = (pad[1], behind[1], pad[0], behind[0])
    if p.get("pool", "MAX") == "MAX":
        full = F.pad(x, around, value=-math.inf)[:, :, :reach[0], :reach[1]]
        return F.max_pool2d(full, kernel, stride)
    full = F.pad(x, around)[:, :, :reach[0], :reach[1]]
    sums = F.avg_pool2d(full, kernel, stride) * (kernel[0] * kernel[1])
    # The divisor counts the padding on both sides, not what hangs over it.
    counted = [torch.tensor([
        min(i * stride[d] - pad[d] + kernel[d], x.shape[2 + d] + pad[d]) - (i * stride[d] - pad[d])
        for i in range(sides[d])], dtype=x.dtype) for d in (0, 1)]
    return sums / torch.outer(*counted)


def _pooled(side, kernel, stride, pad, is_padded):
    count = math.ceil((side + 2 * pad - kernel) / stride) + 1
    return count - 1 if is_padded and (count - 1) * stride >= side + pad else count


def lrn(p, w, x):  # lrn_layer.cpp
    size, alpha, beta = p.get("local_size", 5), p.get("alpha", 1.0), p.get("beta", 0.75)
    half = size // 2
    if p.get("norm_region", "ACROSS_CHANNELS") == "WITHIN_CHANNEL":
        mean = pooling({"pool": "AVE", "kernel_size": size, "pad": half}, [], x * x)
        return x * (1 + alpha * mean) ** -beta
    squares = F.pad(x * x, (0, 0, 0, 0, half, half))
    sums = sum(squares[:, i:i + x.shape[1]] for i in range(size))
    return x / (p.get("k", 1.0) + alpha / size * sums) ** beta


def mvn(p, w, x):  # mvn_layer.cpp
    axes = (1, 2, 3) if p.get("across_channels", False) else (2, 3)
    x = x - x.mean(axes, True)
    if not p.get("normalize_variance", True):
        return x
    return x / ((x * x).mean(axes, True).sqrt() + p.get("eps", 1e-9))


def batch_norm(p, w, x):  # batch_norm_layer.cpp
    factor = 0 if float(w[2]) == 0 else 1 / w[2]
    sides = (1, -1) + (1,) * (x.dim() - 2)
    mean, variance = (w[0] * factor).reshape(sides), (w[1] * factor).reshape(sides)
    return (x - mean) / (variance + p.get("eps", 1e-5)).sqrt()


def scale(p, w, x, other=None):  # scale_layer.cpp
    factor, addends = (w[0], w[1:]) if other is None else (other, w)
    y = x * _spread(factor, x, p.get("axis", 1))
    return y + _spread(addends[0], x, p.get("axis", 1)) if addends else y


def bias(p, w, x, other=None):  # bias_layer.cpp
    return x + _spread(w[0] if other is None else other, x, p.get("axis", 1))


def _spread(factor, x, axis):
    if factor.dim() == 0:
        return factor
    axis %= x.dim()
    return factor.reshape((1,) * axis + tuple(factor.shape) + (1,) * (x.dim() - axis - factor.dim()))


def prelu(p, w, x):  # prelu_layer.cpp
    slope = w[0].reshape(-1)
    return torch.where(x > 0, x, x * (slope if p.get("channel_shared", False) else _spread(slope, x, 1)))


def eltwise(p, w, *xs):  # eltwise_layer.cpp
    operation = p.get("operation", "SUM")
    if operation == "SUM":
        return sum(c * x for c, x in zip(p.get("coeff", []) or [1.0] * len(xs), xs))
    y = xs[0]
    for x in xs[1:]:
        y = y * x if operation == "PROD" else torch.maximum(y, x)
    return y


def crop(p, w, x, reference):  # crop_layer.cpp
    axis = p.get("axis", 2) % x.dim()
    offsets = p.get("offset", [0])
    for d in range(axis, x.dim()):
        first = offsets[d - axis] if len(offsets) > 1 else offsets[0]
        x = x.narrow(d, first, reference.shape[d])
    return x


def slice_(p, w, x, tops):  # slice_layer.cpp
    axis = p.get("axis", 1)
    points = p.get("slice_point", [])
    if not points:
        return x.chunk(tops, axis)
    ends = points + [x.shape[axis]]
    return [x.narrow(axis, a, b - a) for a, b in zip([0] + points, ends)]


def tile(p, w, x):  # tile_layer.cpp
    return torch.cat([x] * p["tiles"], p.get("axis", 1))


def reshape(p, w, x):  # reshape_layer.cpp
    axis, axes = p.get("axis", 0), p.get("num_axes", -1)
    first = axis if axis >= 0 else x.dim() + axis + 1
    last = x.dim() if axes == -1 else first + axes
    sides = [x.shape[first + i] if side == 0 else side for i, side in enumerate(p["shape"]["dim"])]
    whole = list(x.shape[:first]) + sides + list(x.shape[last:])
    return x.reshape(whole)


def flatten(p, w, x):  # flatten_layer.cpp
    return x.flatten(p.get("axis", 1), p.get("end_axis", -1))


def reduction(p, w, x):  # reduction_layer.cpp
    axis = p.get("axis", 0) % x.dim()
    rows = x.reshape(*x.shape[:axis], -1)
    operation = p.get("operation", "SUM")
    values = {"SUM": rows, "ASUM": rows.abs(), "SUMSQ": rows * rows, "MEAN": rows / rows.shape[-1]}[operation]
    return values.sum(-1) * p.get("coeff", 1.0)


def argmax(p, w, x):  # argmax_layer.cpp
    top = p.get("top_k", 1)
    if "axis" in p:
        values, places = x.sort(p["axis"], descending=True)
        return (values if p.get("out_max_val", False) else places.to(x.dtype)).narrow(p["axis"], 0, top)
    values, places = x.reshape(x.shape[0], -1).sort(1, descending=True)
    places = places[:, :top].to(x.dtype)
    parts = [places, values[:, :top]] if p.get("out_max_val", False) else [places]
    return torch.stack(parts, 1).reshape(x.shape[0], len(parts), top, *(1,) * (max(x.dim(), 3) - 3))


def exp(p, w, x):  # exp_layer.cpp
    inner = p.get("scale", 1.0) * x + p.get("shift", 0.0)
    base = p.get("base", -1.0)
    return torch.exp(inner if base == -1 else inner * math.log(base))


def log(p, w, x):  # log_layer.cpp
    base = p.get("base", -1.0)
    y = torch.log(p.get("scale", 1.0) * x + p.get("shift", 0.0))
    return y if base == -1 else y / math.log(base)


def power(p, w, x):  # power_layer.cpp
    return (p.get("shift", 0.0) + p.get("scale", 1.0) * x) ** p.get("power", 1.0)


def interp(p, w, x, reference=None):  # DeepLab's interp_layer.cpp
    begin, end = -p.get("pad_beg", 0), -p.get("pad_end", 0)
    x = x[:, :, begin:x.shape[2] - end, begin:x.shape[3] - end]
    shrunk = [(side - 1) // p.get("shrink_factor", 1) + 1 for side in x.shape[2:]]
    size = [side + (side - 1) * (p.get("zoom_factor", 1) - 1) for side in shrunk]
    if reference is not None:
        size = list(reference.shape[2:])
    elif "height" in p:
        size = [p["height"], p["width"]]
    return F.interpolate(x, size, mode="bilinear", align_corners=True)


def split(p, w, x, tops):
    return [x] * tops


LAYERS = {
    "Convolution": convolution, "Deconvolution": deconvolution, "InnerProduct": inner_product, "Pooling": pooling,
    "LRN": lrn, "MVN": mvn, "BatchNorm": batch_norm, "Scale": scale, "Bias": bias, "PReLU": prelu, "Eltwise": eltwise,
    "Crop": crop, "Slice": slice_, "Tile": tile, "Reshape": reshape, "Flatten": flatten, "Reduction": reduction,
    "ArgMax": argmax, "Exp": exp, "Log": log, "Power": power, "Interp": interp, "Split": split,
    "Concat": lambda p, w, *xs: torch.cat(xs, p.get("axis", 1)),
    "Permute": lambda p, w, x: x.permute(*p["order"]),
    "Upsample": lambda p, w, x: F.interpolate(x, scale_factor=p.get("scale", 2), mode="nearest"),
    "Softmax": lambda p, w, x: torch.softmax(x, p.get("axis", 1)),
    "ReLU": lambda p, w, x: F.leaky_relu(x, p.get("negative_slope", 0.0)),
    "ELU": lambda p, w, x: torch.where(x > 0, x, p.get("alpha", 1.0) * (torch.exp(x.clamp(max=0)) - 1)),
    "Sigmoid": lambda p, w, x: torch.sigmoid(x), "TanH": lambda p, w, x: torch.tanh(x),
    "AbsVal": lambda p, w, x: x.abs(), "BNLL": lambda p, w, x: F.softplus(x, threshold=1e30),
    "Clip": lambda p, w, x: x.clamp(p["min"], p["max"]),
    "Swish": lambda p, w, x: x * torch.sigmoid(p.get("beta", 1.0) * x),
    "Threshold": lambda p, w, x: (x > p.get("threshold", 0.0)).to(x.dtype),
    "Dropout": lambda p, w, x: x, "Silence": lambda p, w, x: [],
}
MANY = {"Slice", "Split"}
