// SchemaLayers: the tables of layer types that compute: products, single values, norms, shapes.
// Numbers and names are those of BVLC Caffe's caffe.proto (master 9b89154).

extension Schema {
    /// Products with weights, and windows.
    static let connected = [
        SchemaMessage(
            "ConvolutionParameter",
            [
                .uint32("num_output", 1), .bool("bias_term", 2), .uint32("pad", 3).repeated,
                .uint32("kernel_size", 4).repeated, .uint32("group", 5), .uint32("stride", 6).repeated,
                .message("weight_filler", 7, "FillerParameter"),
                .message("bias_filler", 8, "FillerParameter"),
                .uint32("pad_h", 9), .uint32("pad_w", 10), .uint32("kernel_h", 11), .uint32("kernel_w", 12),
                .uint32("stride_h", 13), .uint32("stride_w", 14), .enumeration("engine", 15, .engine),
                .int32("axis", 16), .bool("force_nd_im2col", 17), .uint32("dilation", 18).repeated,
            ]),
        SchemaMessage(
            "InnerProductParameter",
            [
                .uint32("num_output", 1), .bool("bias_term", 2),
                .message("weight_filler", 3, "FillerParameter"),
                .message("bias_filler", 4, "FillerParameter"), .int32("axis", 5), .bool("transpose", 6),
            ]),
        SchemaMessage(
            "EmbedParameter",
            [
                .uint32("num_output", 1), .uint32("input_dim", 2), .bool("bias_term", 3),
                .message("weight_filler", 4, "FillerParameter"),
                .message("bias_filler", 5, "FillerParameter"),
            ]),
        SchemaMessage(
            "RecurrentParameter",
            [
                .uint32("num_output", 1), .message("weight_filler", 2, "FillerParameter"),
                .message("bias_filler", 3, "FillerParameter"), .bool("debug_info", 4),
                .bool("expose_hidden", 5),
            ]),
        SchemaMessage(
            "PoolingParameter",
            [
                .enumeration("pool", 1, .poolMethod), .uint32("kernel_size", 2), .uint32("stride", 3),
                .uint32("pad", 4), .uint32("kernel_h", 5), .uint32("kernel_w", 6), .uint32("stride_h", 7),
                .uint32("stride_w", 8), .uint32("pad_h", 9), .uint32("pad_w", 10),
                .enumeration("engine", 11, .engine), .bool("global_pooling", 12),
                .enumeration("round_mode", 13, SchemaEnumeration("CEIL", "FLOOR")),
            ]),
        SchemaMessage(
            "SPPParameter",
            [
                .uint32("pyramid_height", 1), .enumeration("pool", 2, .poolMethod),
                .enumeration("engine", 6, .engine),
            ]),
        SchemaMessage("ParameterParameter", [.message("shape", 1, "BlobShape")]),
    ]

    /// One value at a time, from one blob or several.
    static let elementwise = [
        SchemaMessage("ReLUParameter", [.float("negative_slope", 1), .enumeration("engine", 2, .engine)]),
        SchemaMessage(
            "PReLUParameter", [.message("filler", 1, "FillerParameter"), .bool("channel_shared", 2)]),
        SchemaMessage("ELUParameter", [.float("alpha", 1)]),
        SchemaMessage("SigmoidParameter", [.enumeration("engine", 1, .engine)]),
        SchemaMessage("TanHParameter", [.enumeration("engine", 1, .engine)]),
        SchemaMessage("SwishParameter", [.float("beta", 1)]),
        SchemaMessage("ExpParameter", [.float("base", 1), .float("scale", 2), .float("shift", 3)]),
        SchemaMessage("LogParameter", [.float("base", 1), .float("scale", 2), .float("shift", 3)]),
        SchemaMessage("PowerParameter", [.float("power", 1), .float("scale", 2), .float("shift", 3)]),
        SchemaMessage("ClipParameter", [.float("min", 1), .float("max", 2)]),
        SchemaMessage("ThresholdParameter", [.float("threshold", 1)]),
        SchemaMessage("DropoutParameter", [.float("dropout_ratio", 1)]),
        SchemaMessage(
            "EltwiseParameter",
            [
                .enumeration("operation", 1, SchemaEnumeration("PROD", "SUM", "MAX")),
                .float("coeff", 2).repeated,
                .bool("stable_prod_grad", 3),
            ]),
        SchemaMessage(
            "ScaleParameter",
            [
                .int32("axis", 1), .int32("num_axes", 2), .message("filler", 3, "FillerParameter"),
                .bool("bias_term", 4), .message("bias_filler", 5, "FillerParameter"),
            ]),
        SchemaMessage(
            "BiasParameter",
            [.int32("axis", 1), .int32("num_axes", 2), .message("filler", 3, "FillerParameter")]),
    ]

    /// Many values into a statistic.
    static let normalizing = [
        SchemaMessage(
            "BatchNormParameter",
            [.bool("use_global_stats", 1), .float("moving_average_fraction", 2), .float("eps", 3)]),
        SchemaMessage(
            "LRNParameter",
            [
                .uint32("local_size", 1), .float("alpha", 2), .float("beta", 3),
                .enumeration("norm_region", 4, SchemaEnumeration("ACROSS_CHANNELS", "WITHIN_CHANNEL")),
                .float("k", 5), .enumeration("engine", 6, .engine),
            ]),
        SchemaMessage(
            "MVNParameter", [.bool("normalize_variance", 1), .bool("across_channels", 2), .float("eps", 3)]),
        SchemaMessage("SoftmaxParameter", [.enumeration("engine", 1, .engine), .int32("axis", 2)]),
        SchemaMessage("ArgMaxParameter", [.bool("out_max_val", 1), .uint32("top_k", 2), .int32("axis", 3)]),
        SchemaMessage(
            "ReductionParameter",
            [
                .enumeration("operation", 1, SchemaEnumeration(from: 1, "SUM", "ASUM", "SUMSQ", "MEAN")),
                .int32("axis", 2), .float("coeff", 3),
            ]),
    ]

    /// Values moved, not changed (Interp and Upsample of the forks make new ones between them).
    static let shaping = [
        SchemaMessage("ConcatParameter", [.uint32("concat_dim", 1), .int32("axis", 2)]),
        SchemaMessage(
            "SliceParameter",
            [.uint32("slice_dim", 1), .uint32("slice_point", 2).repeated, .int32("axis", 3)]),
        SchemaMessage("CropParameter", [.int32("axis", 1), .uint32("offset", 2).repeated]),
        SchemaMessage("TileParameter", [.int32("axis", 1), .int32("tiles", 2)]),
        SchemaMessage("FlattenParameter", [.int32("axis", 1), .int32("end_axis", 2)]),
        SchemaMessage(
            "ReshapeParameter",
            [.message("shape", 1, "BlobShape"), .int32("axis", 2), .int32("num_axes", 3)]),
        SchemaMessage("InputParameter", [.message("shape", 1, "BlobShape").repeated]),
        SchemaMessage("PermuteParameter", [.uint32("order", 1).repeated]),
        SchemaMessage(
            "InterpParameter",
            [
                .int32("height", 1), .int32("width", 2), .int32("zoom_factor", 3), .int32("shrink_factor", 4),
                .int32("pad_beg", 5), .int32("pad_end", 6),
            ]),
        SchemaMessage(
            "UpsampleParameter",
            [
                .uint32("scale", 1), .uint32("scale_h", 2), .uint32("scale_w", 3), .bool("pad_out_h", 4),
                .bool("pad_out_w", 5), .uint32("upsample_h", 6), .uint32("upsample_w", 7),
            ]),
    ]
}
