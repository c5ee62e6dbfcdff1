"""Random nets from a seed: phrases as real networks have them (convolution with its norm and activation, residuals,
branches that meet, encoder and decoder with crops) and single layers of every type, with random sizes."""

import numpy as np

from caffe_files import Net
from net_builder import CHANNELS, SIDES, NetBuilder

MOST_WORK = 60_000_000  # multiply-adds of a layer
ACTIVATIONS = ["ReLU", "ReLU", "ReLU", "PReLU", "ELU", "Sigmoid", "TanH", "Swish", "Clip"]


class RandomNet(NetBuilder):
    """The net of a seed, in `net`."""

    def __init__(self, seed):
        super().__init__(seed)
        for _ in range(2 if self.chance(0.1) else 1):
            self.add_input()
        phrases = int(self.random.integers(1, 9))
        while phrases > 0 or len(self.layers) == len(self.inputs):
            self.phrase()
            phrases -= 1
        self.net = Net(self.layers)

    def phrase(self):
        phrases = [
            self.block, self.block, self.block, self.separable, self.residual, self.branches, self.decoder,
            self.pool, self.pool, self.normalise, self.activate, self.activate, self.combine, self.move, self.shrink,
            self.connect, self.single_value, self.enlarge, self.affine, self.slices, self.classifier]
        self.pick(phrases)()

    def window(self, kernels=(1, 2, 3, 3, 3, 4, 5, 7), strides=(1, 1, 1, 2, 3), most_pad=3, dilations=(1, 1, 1, 2, 3)):
        p = {}
        if self.chance(0.8):
            p["kernel_size"] = self.pick(kernels)
        else:
            p["kernel_h"], p["kernel_w"] = self.pick(kernels), self.pick(kernels)
        if self.chance(0.5):
            p["stride"] = self.pick(strides)
        elif self.chance(0.3):
            p["stride_h"], p["stride_w"] = self.pick(strides), self.pick(strides)
        least = min(p.get("kernel_size", 99), p.get("kernel_h", 99), p.get("kernel_w", 99))
        if self.chance(0.6):
            p["pad"] = int(self.random.integers(0, min(most_pad, least) + 1))
        elif self.chance(0.3):
            p["pad_h"], p["pad_w"] = (int(self.random.integers(0, min(most_pad, least) + 1)) for _ in range(2))
        if dilations and self.chance(0.05):  # as FCN pads its first layer by 100
            p["pad"] = int(self.random.integers(4, 30))
            p.pop("pad_h", None), p.pop("pad_w", None)
        if dilations and self.chance(0.25):
            p["dilation"] = self.pick(dilations)
        return p

    def kernel(self, p):
        return p.get("kernel_h", p.get("kernel_size")), p.get("kernel_w", p.get("kernel_size"))

    def convolution(self, bottom, filters=None, p=None, group=None):
        channels = self.shape(bottom)[1]
        filters = filters or self.pick(CHANNELS)
        p = p or self.window()
        group = group or (self.pick([g for g in range(1, channels + 1) if channels % g == 0 and filters % g == 0])
                          if self.chance(0.15) else 1)
        high, wide = self.kernel(p)
        n, _, h, w = self.shape(bottom)
        if filters * channels // group * high * wide * n * h * w > MOST_WORK:
            return None
        fan = channels // group * high * wide
        weights = self.normal(filters, channels // group, high, wide, deviation=fan**-0.5)
        if self.chance(0.03):
            weights[:] = 0  # legal, and copied by name into nothing it is what Caffe leaves
        parameters = {"num_output": filters, **p, **({"group": group} if group > 1 else {})}
        return self.add("Convolution", [bottom], *self.with_bias(parameters, weights, filters))

    def with_bias(self, parameters, weights, outputs):
        if self.chance(0.3):
            return {**parameters, "bias_term": False}, [weights]
        return parameters, [weights, self.normal(outputs, deviation=0.3)]

    def norm_and_activation(self, bottom):
        """BatchNorm, Scale, activation, in place or not: what follows a convolution."""
        if bottom and self.chance(0.5):
            bottom = self.batch_norm(bottom) or bottom
            if self.chance(0.7):
                bottom = self.scale(bottom) or bottom
        return self.activation(bottom) if bottom and self.chance(0.8) else bottom

    def block(self):
        bottom = self.head()
        if bottom:
            self.norm_and_activation(self.convolution(bottom))

    def separable(self):
        bottom = self.head()
        if not bottom:
            return
        channels = self.shape(bottom)[1]
        p = {"kernel_size": self.pick([3, 3, 5]), "stride": self.pick([1, 1, 2])}
        p["pad"] = p["kernel_size"] // 2
        made = self.norm_and_activation(self.convolution(bottom, channels, p, group=channels))
        if made:
            self.norm_and_activation(self.convolution(made, p={"kernel_size": 1}))

    def residual(self):
        bottom = self.head()
        if not bottom:
            return
        channels = self.shape(bottom)[1]
        made = self.norm_and_activation(self.convolution(bottom, self.pick(CHANNELS), {"kernel_size": 3, "pad": 1}))
        made = made and self.convolution(made, channels, {"kernel_size": 3, "pad": 1}, group=1)
        if made and made != bottom and self.shape(made) == self.shape(bottom):
            order = [bottom, made] if self.chance(0.5) else [made, bottom]
            self.activation(self.add("Eltwise", order, {"operation": self.pick(["SUM", "SUM", "MAX", "PROD"])}))

    def branches(self):
        bottom = self.head()
        if not bottom:
            return
        made = [self.norm_and_activation(self.convolution(bottom, p={"kernel_size": k, "pad": k // 2}))
                for k in (1, 3, 5)[:int(self.random.integers(2, 4))]]
        made = [blob for blob in dict.fromkeys(made) if blob]
        if len({self.shape(blob)[2:] for blob in made}) == 1 and len(made) > 1:
            self.add("Concat", made, {"axis": 1} if self.chance(0.5) else None)

    def decoder(self):
        """A deconvolution, cropped to an earlier blob and joined with it."""
        bottom = self.head()
        if not bottom:
            return
        k = self.pick([2, 3, 4, 4, 8])
        p = {"kernel_size": k, "stride": self.pick([1, 2, 2, 3, max(k // 2, 1)]), "pad": self.pick([0, 0, 1])}
        if self.chance(0.1):
            p["dilation"] = 2
        made = self.deconvolution(bottom, p)
        if not made:
            return
        fitting = [blob for blob in self.heads if blob != made and self.double[blob].dim() == 4
                   and all(a <= b for a, b in zip(self.shape(blob)[2:], self.shape(made)[2:]))]
        if not fitting:
            return
        reference = self.pick(fitting)
        room = [a - b for a, b in zip(self.shape(made)[2:], self.shape(reference)[2:])]
        offsets = [int(self.random.integers(0, r + 1)) for r in room]
        offset = [min(offsets)] if self.chance(0.6) else offsets
        cropped = self.add("Crop", [made, reference], {"axis": 2, "offset": offset})
        if cropped and self.shape(cropped)[0] == self.shape(reference)[0]:
            same = self.shape(cropped) == self.shape(reference)
            self.add("Eltwise" if same else "Concat", [cropped, reference])

    def deconvolution(self, bottom, p):
        n, channels, h, w = self.shape(bottom)
        filters = channels if self.chance(0.5) else self.pick(CHANNELS[:10])
        group = channels if filters == channels and self.chance(0.3) else 1
        k = p["kernel_size"]
        if filters * channels // group * k * k * n * h * w > MOST_WORK:
            return None
        weights = self.normal(channels, filters // group, k, k, deviation=channels**-0.5)
        if filters == channels and group == 1 and self.chance(0.3):  # FCN's surgery: class to class only
            weights *= np.eye(channels, dtype=np.float32)[:, :, None, None]
        parameters = {"num_output": filters, **p, **({"group": group} if group > 1 else {})}
        return self.add("Deconvolution", [bottom], *self.with_bias(parameters, weights, filters),
                        key="convolution_param")

    def pool(self):
        bottom = self.head()
        if not bottom:
            return
        p = {"pool": self.pick(["MAX", "AVE"])}
        if self.chance(0.1):
            p["global_pooling"] = True
        elif self.chance(0.4):
            p |= {"kernel_size": 2, "stride": 2}
        else:
            p |= self.window(kernels=(1, 2, 3, 4, 5), most_pad=2, dilations=())
            least = min(self.kernel(p))
            for side in ("pad", "pad_h", "pad_w"):  # Caffe wants the padding below the kernel
                if side in p:
                    p[side] = min(p[side], least - 1)
        self.add("Pooling", [bottom], p)

    def normalise(self):
        bottom = self.head()
        if not bottom:
            return
        if self.chance(0.6):
            p = {"local_size": self.pick([1, 3, 5, 7]), "alpha": self.number(0.01, 1), "beta": self.number(0.3, 1)}
            if self.chance(0.4):
                p["norm_region"] = "WITHIN_CHANNEL"
            elif self.chance(0.4):
                p["k"] = self.number(1, 3)
            self.add("LRN", [bottom], p)
        else:
            p = {"normalize_variance": self.chance(0.7), "across_channels": self.chance(0.4), "eps": 0.01}
            self.add("MVN", [bottom], p)

    def batch_norm(self, bottom):
        channels, factor = self.shape(bottom)[1], self.pick([1.0, 0.5, 3.0, 999.98])
        blobs = [self.normal(channels) * np.float32(factor),
                 (self.random.uniform(0.2, 2, channels) * factor).astype(np.float32), np.float32([factor])]
        p = {"use_global_stats": True} | ({"eps": self.number(0.01, 0.1)} if self.chance(0.3) else {})
        return self.add("BatchNorm", [bottom], p, blobs, in_place=self.chance(0.6), key="batch_norm_param")

    def scale(self, bottom):
        channels = self.shape(bottom)[1]
        blobs = [self.normal(channels, mean=1, deviation=0.3)]
        p = {"bias_term": True} if self.chance(0.7) else {}
        blobs += [self.normal(channels, deviation=0.3)] if p else []
        return self.add("Scale", [bottom], p, blobs, in_place=self.chance(0.6))

    def activation(self, bottom):
        if not bottom:
            return None
        type, blobs, p = self.pick(ACTIVATIONS), [], {}
        if type == "ReLU" and self.chance(0.2):
            p = {"negative_slope": self.number(0, 0.3)}
        elif type == "PReLU":
            p = {"channel_shared": True} if self.chance(0.2) else {}
            blobs = [self.normal(1 if p else self.shape(bottom)[1], mean=0.2, deviation=0.2)]
        elif type == "ELU":
            p = {"alpha": self.number(0.1, 1.5)}
        elif type == "Swish" and self.chance(0.5):
            p = {"beta": self.number(0.5, 2)}
        elif type == "Clip":
            p = {"min": self.number(-1, 0), "max": self.number(0.5, 6)}
        return self.add(type, [bottom], p, blobs, in_place=self.chance(0.6))

    def activate(self):
        self.activation(self.head(self.pick([4, 4, 4, 2])))

    def single_value(self):
        """The rarer functions of one number."""
        bottom = self.head(self.pick([4, 4, 3, 2]))
        if not bottom:
            return
        type = self.pick(["AbsVal", "BNLL", "Exp", "Log", "Power", "Threshold", "Dropout"])
        p = {}
        if type == "Exp":
            p = {"scale": self.number(-0.5, 0.5), "shift": self.number(-1, 1)} | (
                {"base": self.number(1.5, 3)} if self.chance(0.5) else {})
        elif type == "Log":
            bottom = self.add("AbsVal", [bottom]) or bottom
            p = {"scale": self.number(0.1, 1), "shift": self.number(1, 2)} | (
                {"base": self.number(1.5, 3)} if self.chance(0.5) else {})
        elif type == "Power":
            power = self.pick([0.0, 0.5, 1.0, 1.0, 2.0, 3.0, -1.0])
            if power in (0.5, -1.0):
                bottom = self.add("AbsVal", [bottom]) or bottom
            p = {"power": power, "scale": self.number(0.2, 1), "shift": self.number(1, 2)}
        elif type == "Threshold":
            p = {"threshold": self.number(-0.5, 0.5)}
            if float((self.double[bottom] - p["threshold"]).abs().min()) < 1e-4:
                return  # on which side such a number falls is noise
        self.add(type, [bottom], p, in_place=type not in ("Threshold",) and self.chance(0.3))

    def combine(self):
        first = self.head()
        if not first:
            return
        same = [b for b in self.heads if self.shape(b) == self.shape(first) and b != first]
        others = [first] + same[:int(self.random.integers(1, 3))]
        if len(others) == 1:
            others = [first, first]
        operation = self.pick(["SUM", "SUM", "PROD", "MAX"])
        p = {"operation": operation}
        if operation == "SUM" and self.chance(0.5):
            p["coeff"] = [self.number(-2, 2) for _ in others]
        self.add("Eltwise", others, p)

    def move(self):
        rank = self.pick([4, 4, 4, 3, 2])
        bottom = self.head(rank)
        if not bottom:
            return
        type = self.pick(["Tile", "Flatten", "Reshape", "Permute", "Concat"])
        if type == "Tile":
            self.add(type, [bottom], {"axis": self.pick(list(range(rank))), "tiles": self.pick([1, 2, 3])})
        elif type == "Flatten":
            axis = int(self.random.integers(0, rank))
            self.add(type, [bottom], {"axis": axis, "end_axis": int(self.random.integers(axis, rank))})
        elif type == "Reshape":
            self.add(type, [bottom], self.reshaped(self.shape(bottom)))
        elif type == "Permute":
            order = [int(i) for i in self.random.permutation(rank)]
            self.add(type, [bottom], {"order": order})
        else:
            axis = self.pick(list(range(rank)))
            fitting = [b for b in self.heads if self.double[b].dim() == rank and all(
                self.shape(b)[d] == self.shape(bottom)[d] for d in range(rank) if d != axis)]
            others = [self.pick(fitting) for _ in range(int(self.random.integers(1, 3)))]
            self.add(type, [bottom] + others, {"axis": axis})

    def reshaped(self, shape):
        if self.chance(0.3) and len(shape) == 4:  # a part of the axes
            return {"shape": {"dim": [-1]}, "axis": 2, "num_axes": 2} if self.chance(0.5) else {
                "shape": {"dim": [1, 0]}, "axis": 1, "num_axes": 1} if shape[1] == 1 else {
                "shape": {"dim": [shape[1], 1]}, "axis": 1, "num_axes": 1}
        if self.chance(0.4):
            return {"shape": {"dim": [0, -1] if self.chance(0.5) else [0, -1, shape[-1]]}}
        return {"shape": {"dim": [0, shape[1]] + [int(np.prod(shape[2:]))] if len(shape) > 2 else [0, 0, 1]}}

    def shrink(self):
        rank = self.pick([4, 4, 3, 2])
        bottom = self.head(rank)
        if not bottom:
            return
        if self.chance(0.6):
            p = {"operation": self.pick(["SUM", "ASUM", "SUMSQ", "MEAN"]), "axis": self.pick(list(range(1, rank)))}
            self.add("Reduction", [bottom], p | ({"coeff": self.number(0.1, 2)} if self.chance(0.4) else {}))
        else:
            p = {"axis": self.pick(list(range(1, rank)))} if self.chance(0.7) else {}
            p |= {"top_k": self.pick([1, 1, 2])} | ({"out_max_val": True} if self.chance(0.3) else {})
            values = self.double[bottom]
            rows = values.movedim(p["axis"], -1) if "axis" in p else values.reshape(values.shape[0], -1)
            gaps = rows.sort(-1, descending=True)[0][..., :p["top_k"] + 1].diff(dim=-1)
            if gaps.numel() == 0 or float(gaps.abs().min()) > 1e-4:  # nearer ones are told apart by noise
                self.add("ArgMax", [bottom], p)

    def connect(self):
        bottom = self.head(self.pick([4, 4, 2, 3]))
        if not bottom:
            return
        shape = self.shape(bottom)
        axis = 1 if self.chance(0.8) else self.pick(list(range(1, len(shape))))
        width, outputs = int(np.prod(shape[axis:])), self.pick(CHANNELS)
        if width * outputs * int(np.prod(shape[:axis])) > MOST_WORK or width * outputs > 2_000_000:
            return
        transpose = self.chance(0.2)
        weights = self.normal(*((width, outputs) if transpose else (outputs, width)), deviation=width**-0.5)
        p = {"num_output": outputs} | ({"axis": axis} if axis != 1 else {}) | (
            {"transpose": True} if transpose else {})
        p, blobs = self.with_bias(p, weights, outputs)
        made = self.add("InnerProduct", [bottom], p, blobs, key="inner_product_param")
        self.activation(made) if made and len(self.shape(made)) == 2 else None

    def enlarge(self):
        bottom = self.head()
        if not bottom:
            return
        if self.chance(0.4):
            self.add("Upsample", [bottom], {"scale": self.pick([1, 2, 3])})
            return
        kind = self.pick(["zoom", "size", "like", "shrink"])
        if kind == "like":
            self.add("Interp", [bottom, self.pick([b for b in self.heads if self.double[b].dim() == 4])])
            return
        p = {"zoom": {"zoom_factor": self.pick([2, 3])},
             "size": {"height": self.pick(SIDES), "width": self.pick(SIDES)},
             "shrink": {"shrink_factor": 2, "zoom_factor": self.pick([1, 2])}}[kind]
        self.add("Interp", [bottom], p | ({"pad_beg": -1, "pad_end": self.pick([0, -1])} if self.chance(0.2) else {}))

    def affine(self):
        """Scale and Bias along any axes, with weights or a second blob."""
        bottom = self.head(self.pick([4, 4, 2]))
        if not bottom:
            return
        shape, type = self.shape(bottom), self.pick(["Scale", "Bias"])
        axis = int(self.random.integers(0, len(shape)))
        axes = int(self.random.integers(1, len(shape) - axis + 1))
        sides = shape[axis:axis + axes]
        if self.chance(0.3):
            fitting = [b for b in self.heads if b != bottom and any(
                self.shape(b) == shape[a:a + self.double[b].dim()] for a in range(len(shape)))]
            if fitting:
                other = self.pick(fitting)
                rank = self.double[other].dim()
                axis = [a for a in range(len(shape)) if shape[a:a + rank] == self.shape(other)][0]
                self.add(type, [bottom, other], {"axis": axis})
            return
        p = {"axis": axis, "num_axes": axes}
        blobs = [self.normal(*sides, mean=1 if type == "Scale" else 0, deviation=0.3)]
        if type == "Scale" and self.chance(0.5):
            p["bias_term"] = True
            blobs.append(self.normal(*sides, deviation=0.3))
        self.add(type, [bottom], p, blobs)

    def slices(self):
        bottom = self.head(self.pick([4, 4, 2]))
        if not bottom:
            return
        shape = self.shape(bottom)
        axis = self.pick([a for a in range(len(shape)) if shape[a] > 1] or [None])
        if axis is None:
            return
        p = {"axis": axis}
        count = 2 if shape[axis] < 3 else self.pick([2, 3])
        if shape[axis] % count or self.chance(0.6):
            places = self.random.choice(np.arange(1, shape[axis]), count - 1, replace=False)
            p["slice_point"] = [int(place) for place in sorted(places)]
        self.add("Slice", [bottom], p, tops=count)

    def classifier(self):
        bottom = self.head(self.pick([4, 2]))
        if bottom:
            self.add("Softmax", [bottom], {"axis": int(self.random.integers(1, len(self.shape(bottom))))}
                     if self.chance(0.4) else None)
