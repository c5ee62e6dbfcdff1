// CaffeMetadata: what a model says of itself, in a field of NetParameter that other readers pass over.

extension Message {
    /// Metadata of a NetParameter, or FaceFCN's defaults where it has none.
    func metadata() throws(FaceSegError) -> (ModelInfo, Preprocessing) {
        var info = ModelInfo(), preprocessing = Preprocessing()
        guard let own = message("faceseg_param") else {
            info.name = string("name") ?? ""
            return (info, preprocessing)
        }
        info.name = own.string("name") ?? string("name") ?? ""
        info.version = own.string("version") ?? ""
        info.license = own.string("license") ?? ""
        info.description = own.string("description") ?? ""
        info.accuracy = own.string("accuracy") ?? ""
        info.classNames = own.strings("class_name")
        if own.has("mean") { preprocessing.mean = own.floats("mean") }
        preprocessing.scale = own.float("scale") ?? 1
        preprocessing.workingSize = own.int("working_size")
        preprocessing.reduceSize = own.int("reduce_size")
        preprocessing.canvas = Preprocessing.Canvas(rawValue: own.int("canvas") ?? 0) ?? .none
        if own.has("canvas_color") { preprocessing.canvasColor = own.floats("canvas_color") }
        preprocessing.multipleOf = own.int("multiple_of") ?? 1
        preprocessing.exposure = Exposure(rawValue: own.int("exposure") ?? 0) ?? .kept
        return (info, try preprocessing.checked())
    }

    /// Puts metadata into a NetParameter.
    mutating func setMetadata(_ info: ModelInfo, _ preprocessing: Preprocessing) {
        var own = Message("FaceSegParameter")
        own.set("name", to: info.name)
        own.set("version", to: info.version)
        own.set("license", to: info.license)
        own.set("description", to: info.description)
        own.set("accuracy", to: info.accuracy)
        for name in info.classNames { own.append("class_name", name) }
        for number in preprocessing.mean { own.append("mean", number) }
        own.set("scale", to: preprocessing.scale)
        if let size = preprocessing.workingSize { own.set("working_size", to: size) }
        if let size = preprocessing.reduceSize { own.set("reduce_size", to: size) }
        own.set("canvas", to: preprocessing.canvas.rawValue)
        for number in preprocessing.canvasColor { own.append("canvas_color", number) }
        own.set("multiple_of", to: preprocessing.multipleOf)
        own.set("exposure", to: preprocessing.exposure.rawValue)
        set("faceseg_param", to: own)
    }
}
