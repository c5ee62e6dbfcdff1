// SchemaLegacy: the tables of layers as Caffe wrote them before 2014 (V1) and 2013 (V0, nested in V1).
// Numbers and names are those of BVLC Caffe's caffe.proto (master 9b89154). The upgrade is not here.

extension SchemaEnumeration {
    static let v1LayerType = SchemaEnumeration([
        "NONE": 0, "ACCURACY": 1, "BNLL": 2, "CONCAT": 3, "CONVOLUTION": 4, "DATA": 5, "DROPOUT": 6,
        "EUCLIDEAN_LOSS": 7, "FLATTEN": 8, "HDF5_DATA": 9, "HDF5_OUTPUT": 10, "IM2COL": 11, "IMAGE_DATA": 12,
        "INFOGAIN_LOSS": 13, "INNER_PRODUCT": 14, "LRN": 15, "MULTINOMIAL_LOGISTIC_LOSS": 16, "POOLING": 17,
        "RELU": 18, "SIGMOID": 19, "SOFTMAX": 20, "SOFTMAX_LOSS": 21, "SPLIT": 22, "TANH": 23,
        "WINDOW_DATA": 24, "ELTWISE": 25, "POWER": 26, "SIGMOID_CROSS_ENTROPY_LOSS": 27, "HINGE_LOSS": 28,
        "MEMORY_DATA": 29, "ARGMAX": 30, "THRESHOLD": 31, "DUMMY_DATA": 32, "SLICE": 33, "MVN": 34,
        "ABSVAL": 35, "SILENCE": 36, "CONTRASTIVE_LOSS": 37, "EXP": 38, "DECONVOLUTION": 39,
    ])
}

extension Schema {
    static let legacy = [
        SchemaMessage("V1LayerParameter", v1Common + v1Specific),
        SchemaMessage("V0LayerParameter", v0),
    ]

    private static let v1Common: [SchemaField] = [
        .message("layer", 1, "V0LayerParameter"), .string("bottom", 2).repeated, .string("top", 3).repeated,
        .string("name", 4), .enumeration("type", 5, .v1LayerType), .blob("blobs", 6).repeated,
        .float("blobs_lr", 7).repeated, .float("weight_decay", 8).repeated,
        .message("include", 32, "NetStateRule").repeated, .message("exclude", 33, "NetStateRule").repeated,
        .float("loss_weight", 35).repeated, .string("param", 1001).repeated,
        .enumeration("blob_share_mode", 1002, .dimCheckMode).repeated,
    ]

    private static let v1Specific: [SchemaField] = [
        .message("concat_param", 9, "ConcatParameter"),
        .message("convolution_param", 10, "ConvolutionParameter"),
        .message("data_param", 11, "DataParameter"),
        .message("dropout_param", 12, "DropoutParameter"),
        .message("hdf5_data_param", 13, "HDF5DataParameter"),
        .message("hdf5_output_param", 14, "HDF5OutputParameter"),
        .message("image_data_param", 15, "ImageDataParameter"),
        .message("infogain_loss_param", 16, "InfogainLossParameter"),
        .message("inner_product_param", 17, "InnerProductParameter"),
        .message("lrn_param", 18, "LRNParameter"), .message("pooling_param", 19, "PoolingParameter"),
        .message("window_data_param", 20, "WindowDataParameter"),
        .message("power_param", 21, "PowerParameter"),
        .message("memory_data_param", 22, "MemoryDataParameter"),
        .message("argmax_param", 23, "ArgMaxParameter"), .message("eltwise_param", 24, "EltwiseParameter"),
        .message("threshold_param", 25, "ThresholdParameter"),
        .message("dummy_data_param", 26, "DummyDataParameter"),
        .message("accuracy_param", 27, "AccuracyParameter"),
        .message("hinge_loss_param", 29, "HingeLossParameter"), .message("relu_param", 30, "ReLUParameter"),
        .message("slice_param", 31, "SliceParameter"), .message("mvn_param", 34, "MVNParameter"),
        .message("transform_param", 36, "TransformationParameter"),
        .message("tanh_param", 37, "TanHParameter"), .message("sigmoid_param", 38, "SigmoidParameter"),
        .message("softmax_param", 39, "SoftmaxParameter"),
        .message("contrastive_loss_param", 40, "ContrastiveLossParameter"),
        .message("exp_param", 41, "ExpParameter"), .message("loss_param", 42, "LossParameter"),
    ]

    private static let v0: [SchemaField] = [
        .string("name", 1), .string("type", 2), .uint32("num_output", 3), .bool("biasterm", 4),
        .message("weight_filler", 5, "FillerParameter"), .message("bias_filler", 6, "FillerParameter"),
        .uint32("pad", 7), .uint32("kernelsize", 8), .uint32("group", 9), .uint32("stride", 10),
        .enumeration("pool", 11, .poolMethod), .float("dropout_ratio", 12), .uint32("local_size", 13),
        .float("alpha", 14), .float("beta", 15), .string("source", 16), .float("scale", 17),
        .string("meanfile", 18), .uint32("batchsize", 19), .uint32("cropsize", 20), .bool("mirror", 21),
        .float("k", 22), .blob("blobs", 50).repeated, .float("blobs_lr", 51).repeated,
        .float("weight_decay", 52).repeated, .uint32("rand_skip", 53), .float("det_fg_threshold", 54),
        .float("det_bg_threshold", 55), .float("det_fg_fraction", 56), .uint32("det_context_pad", 58),
        .string("det_crop_mode", 59), .int32("new_num", 60), .int32("new_channels", 61),
        .int32("new_height", 62), .int32("new_width", 63), .bool("shuffle_images", 64),
        .uint32("concat_dim", 65), .message("hdf5_output_param", 1001, "HDF5OutputParameter"),
    ]
}
