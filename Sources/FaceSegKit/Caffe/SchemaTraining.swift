// SchemaTraining: the tables of layer types that feed a net or judge it. Inference only passes over them.
// Numbers and names are those of BVLC Caffe's caffe.proto (master 9b89154).

extension Schema {
    static let feeding = [
        SchemaMessage(
            "TransformationParameter",
            [
                .float("scale", 1), .bool("mirror", 2), .uint32("crop_size", 3), .string("mean_file", 4),
                .float("mean_value", 5).repeated, .bool("force_color", 6), .bool("force_gray", 7),
            ]),
        SchemaMessage(
            "DataParameter",
            [
                .string("source", 1), .float("scale", 2), .string("mean_file", 3), .uint32("batch_size", 4),
                .uint32("crop_size", 5), .bool("mirror", 6), .uint32("rand_skip", 7),
                .enumeration("backend", 8, SchemaEnumeration("LEVELDB", "LMDB")),
                .bool("force_encoded_color", 9), .uint32("prefetch", 10),
            ]),
        SchemaMessage(
            "DummyDataParameter",
            [
                .message("data_filler", 1, "FillerParameter").repeated, .uint32("num", 2).repeated,
                .uint32("channels", 3).repeated, .uint32("height", 4).repeated, .uint32("width", 5).repeated,
                .message("shape", 6, "BlobShape").repeated,
            ]),
        SchemaMessage(
            "HDF5DataParameter", [.string("source", 1), .uint32("batch_size", 2), .bool("shuffle", 3)]),
        SchemaMessage("HDF5OutputParameter", [.string("file_name", 1)]),
        SchemaMessage(
            "ImageDataParameter",
            [
                .string("source", 1), .float("scale", 2), .string("mean_file", 3), .uint32("batch_size", 4),
                .uint32("crop_size", 5), .bool("mirror", 6), .uint32("rand_skip", 7), .bool("shuffle", 8),
                .uint32("new_height", 9), .uint32("new_width", 10), .bool("is_color", 11),
                .string("root_folder", 12),
            ]),
        SchemaMessage(
            "MemoryDataParameter",
            [.uint32("batch_size", 1), .uint32("channels", 2), .uint32("height", 3), .uint32("width", 4)]),
        SchemaMessage(
            "WindowDataParameter",
            [
                .string("source", 1), .float("scale", 2), .string("mean_file", 3), .uint32("batch_size", 4),
                .uint32("crop_size", 5), .bool("mirror", 6), .float("fg_threshold", 7),
                .float("bg_threshold", 8), .float("fg_fraction", 9), .uint32("context_pad", 10),
                .string("crop_mode", 11), .bool("cache_images", 12), .string("root_folder", 13),
            ]),
        SchemaMessage(
            "PythonParameter",
            [
                .string("module", 1), .string("layer", 2), .string("param_str", 3),
                .bool("share_in_parallel", 4),
            ]),
    ]

    static let losses = [
        SchemaMessage(
            "LossParameter",
            [
                .int32("ignore_label", 1), .bool("normalize", 2),
                .enumeration("normalization", 3, SchemaEnumeration("FULL", "VALID", "BATCH_SIZE", "NONE")),
                // Ours, a factor for each class. Caffe passes over the unknown number.
                .float("class_weight", 26041).repeated,
            ]),
        SchemaMessage(
            "AccuracyParameter", [.uint32("top_k", 1), .int32("axis", 2), .int32("ignore_label", 3)]),
        SchemaMessage("ContrastiveLossParameter", [.float("margin", 1), .bool("legacy_version", 2)]),
        SchemaMessage(
            "HingeLossParameter", [.enumeration("norm", 1, SchemaEnumeration(from: 1, "L1", "L2"))]),
        SchemaMessage("InfogainLossParameter", [.string("source", 1), .int32("axis", 2)]),
    ]

    static let solving = [
        SchemaMessage(
            "SolverParameter",
            [
                .string("train_net", 1), .string("test_net", 2).repeated, .int32("test_iter", 3).repeated,
                .int32("test_interval", 4), .float("base_lr", 5), .int32("display", 6), .int32("max_iter", 7),
                .string("lr_policy", 8), .float("gamma", 9), .float("power", 10), .float("momentum", 11),
                .float("weight_decay", 12), .int32("stepsize", 13), .int32("snapshot", 14),
                .string("snapshot_prefix", 15), .bool("snapshot_diff", 16),
                .enumeration("solver_mode", 17, SchemaEnumeration("CPU", "GPU")), .int32("device_id", 18),
                .bool("test_compute_loss", 19), .int64("random_seed", 20),
                .message("train_net_param", 21, "NetParameter"),
                .message("test_net_param", 22, "NetParameter").repeated, .bool("debug_info", 23),
                .string("net", 24), .message("net_param", 25, "NetParameter"),
                .message("train_state", 26, "NetState"), .message("test_state", 27, "NetState").repeated,
                .bool("snapshot_after_train", 28), .string("regularization_type", 29),
                .enumeration(
                    "solver_type", 30,
                    SchemaEnumeration("SGD", "NESTEROV", "ADAGRAD", "RMSPROP", "ADADELTA", "ADAM")),
                .float("delta", 31), .bool("test_initialization", 32), .int32("average_loss", 33),
                .int32("stepvalue", 34).repeated, .float("clip_gradients", 35), .int32("iter_size", 36),
                .enumeration("snapshot_format", 37, SchemaEnumeration("HDF5", "BINARYPROTO")),
                .float("rms_decay", 38), .float("momentum2", 39), .string("type", 40),
                .bool("layer_wise_reduce", 41), .string("weights", 42).repeated,
                // Ours. Caffe's text reader stops at them.
                .int32("warmup_iter", 26041), .float("adam_lr", 26042), .float("weight_average", 26043),
            ]),
        SchemaMessage(
            "SolverState",
            [.int32("iter", 1), .string("learned_net", 2), .blob("history", 3), .int32("current_step", 4)]),
    ]
}
