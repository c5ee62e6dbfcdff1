// SchemaNet: the tables of a network and of a layer, without the parameters of single layer types.
// Numbers and names are those of BVLC Caffe's caffe.proto (master 9b89154).

extension SchemaEnumeration {
    static let phase = SchemaEnumeration("TRAIN", "TEST")
    static let dimCheckMode = SchemaEnumeration("STRICT", "PERMISSIVE")
    static let engine = SchemaEnumeration("DEFAULT", "CAFFE", "CUDNN")
    static let poolMethod = SchemaEnumeration("MAX", "AVE", "STOCHASTIC")
}

extension Schema {
    static let net = [
        SchemaMessage(
            "NetParameter",
            [
                .string("name", 1), .message("layers", 2, "V1LayerParameter").repeated,
                .string("input", 3).repeated, .int32("input_dim", 4).repeated, .bool("force_backward", 5),
                .message("state", 6, "NetState"), .bool("debug_info", 7),
                .message("input_shape", 8, "BlobShape").repeated,
                .message("layer", 100, "LayerParameter").repeated,
                .message("faceseg_param", 26041, "FaceSegParameter").hidden,
            ]),
        SchemaMessage(
            "NetState", [.enumeration("phase", 1, .phase), .int32("level", 2), .string("stage", 3).repeated]),
        SchemaMessage(
            "NetStateRule",
            [
                .enumeration("phase", 1, .phase), .int32("min_level", 2), .int32("max_level", 3),
                .string("stage", 4).repeated, .string("not_stage", 5).repeated,
            ]),
        // Ours: what a model says of itself beyond its layers. Caffe passes over the unknown number.
        SchemaMessage(
            "FaceSegParameter",
            [
                .string("name", 1), .string("version", 2), .string("license", 3), .string("description", 4),
                .string("accuracy", 5), .string("class_name", 6).repeated,
                .float("mean", 7).repeated,  // B, G, R
                .float("scale", 8), .int32("working_size", 9), .int32("reduce_size", 10),
                .int32("canvas", 11),  // 0 none, 1 square
                .float("canvas_color", 12).repeated,  // B, G, R
                .int32("multiple_of", 13),
                .int32("exposure", 14),  // 0 kept, 1 brightened
            ]),
    ]

    static let blob = [
        SchemaMessage("BlobShape", [.int64("dim", 1).packed]),
        // For text only, where the numbers stand between the braces; on the wire WireReader has its own way.
        SchemaMessage(
            "BlobProto",
            [
                .int32("num", 1), .int32("channels", 2), .int32("height", 3), .int32("width", 4),
                .float("data", 5).packed, .float("diff", 6).packed, .message("shape", 7, "BlobShape"),
                .double("double_data", 8).packed, .double("double_diff", 9).packed,
            ]),
    ]

    static let layer = [
        SchemaMessage(
            "ParamSpec",
            [
                .string("name", 1), .enumeration("share_mode", 2, .dimCheckMode), .float("lr_mult", 3),
                .float("decay_mult", 4),
            ]),
        SchemaMessage(
            "FillerParameter",
            [
                .string("type", 1), .float("value", 2), .float("min", 3), .float("max", 4), .float("mean", 5),
                .float("std", 6), .int32("sparse", 7),
                .enumeration("variance_norm", 8, SchemaEnumeration("FAN_IN", "FAN_OUT", "AVERAGE")),
            ]),
        SchemaMessage("LayerParameter", layerCommon + layerSpecific + layerOfForks),
    ]

    private static let layerCommon: [SchemaField] = [
        .string("name", 1), .string("type", 2), .string("bottom", 3).repeated, .string("top", 4).repeated,
        .float("loss_weight", 5).repeated, .message("param", 6, "ParamSpec").repeated,
        .blob("blobs", 7).repeated, .message("include", 8, "NetStateRule").repeated,
        .message("exclude", 9, "NetStateRule").repeated, .enumeration("phase", 10, .phase),
        .bool("propagate_down", 11).repeated,
    ]

    private static let layerSpecific: [SchemaField] = [
        .message("transform_param", 100, "TransformationParameter"),
        .message("loss_param", 101, "LossParameter"), .message("accuracy_param", 102, "AccuracyParameter"),
        .message("argmax_param", 103, "ArgMaxParameter"), .message("concat_param", 104, "ConcatParameter"),
        .message("contrastive_loss_param", 105, "ContrastiveLossParameter"),
        .message("convolution_param", 106, "ConvolutionParameter"),
        .message("data_param", 107, "DataParameter"), .message("dropout_param", 108, "DropoutParameter"),
        .message("dummy_data_param", 109, "DummyDataParameter"),
        .message("eltwise_param", 110, "EltwiseParameter"), .message("exp_param", 111, "ExpParameter"),
        .message("hdf5_data_param", 112, "HDF5DataParameter"),
        .message("hdf5_output_param", 113, "HDF5OutputParameter"),
        .message("hinge_loss_param", 114, "HingeLossParameter"),
        .message("image_data_param", 115, "ImageDataParameter"),
        .message("infogain_loss_param", 116, "InfogainLossParameter"),
        .message("inner_product_param", 117, "InnerProductParameter"),
        .message("lrn_param", 118, "LRNParameter"), .message("memory_data_param", 119, "MemoryDataParameter"),
        .message("mvn_param", 120, "MVNParameter"), .message("pooling_param", 121, "PoolingParameter"),
        .message("power_param", 122, "PowerParameter"), .message("relu_param", 123, "ReLUParameter"),
        .message("sigmoid_param", 124, "SigmoidParameter"),
        .message("softmax_param", 125, "SoftmaxParameter"), .message("slice_param", 126, "SliceParameter"),
        .message("tanh_param", 127, "TanHParameter"), .message("threshold_param", 128, "ThresholdParameter"),
        .message("window_data_param", 129, "WindowDataParameter"),
        .message("python_param", 130, "PythonParameter"), .message("prelu_param", 131, "PReLUParameter"),
        .message("spp_param", 132, "SPPParameter"), .message("reshape_param", 133, "ReshapeParameter"),
        .message("log_param", 134, "LogParameter"), .message("flatten_param", 135, "FlattenParameter"),
        .message("reduction_param", 136, "ReductionParameter"),
        .message("embed_param", 137, "EmbedParameter"), .message("tile_param", 138, "TileParameter"),
        .message("batch_norm_param", 139, "BatchNormParameter"), .message("elu_param", 140, "ELUParameter"),
        .message("bias_param", 141, "BiasParameter"), .message("scale_param", 142, "ScaleParameter"),
        .message("input_param", 143, "InputParameter"), .message("crop_param", 144, "CropParameter"),
        .message("parameter_param", 145, "ParameterParameter"),
        .message("recurrent_param", 146, "RecurrentParameter"),
        .message("swish_param", 147, "SwishParameter"), .message("clip_param", 148, "ClipParameter"),
    ]

    /// Layers of public forks. Permute has SSD's number. Interp is 143 in PSPNet and DeepLab, Upsample 137 in
    /// SegNet: both are taken in BVLC's Caffe, so in a binary file they are known only by 2000 more, and
    /// otherwise by their names in a prototxt.
    private static let layerOfForks: [SchemaField] = [
        .message("permute_param", 202, "PermuteParameter"),
        .message("upsample_param", 2137, "UpsampleParameter"),
        .message("interp_param", 2143, "InterpParameter"),
    ]
}
