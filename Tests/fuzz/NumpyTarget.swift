// NumpyTarget: arrays and archives of arrays.
import Media

/// Reads the bytes as `.npy` and as `.npz`; what is read and written must read the same again.
func fuzzNumpy(_ bytes: [UInt8]) throws {
    if let array = try read({ () throws(MediaError) in try NumpyArray.decode(bytes, name: "fuzz.npy") }) {
        try checkCopy(array)
    }
    if let arrays = try read({ () throws(MediaError) in try NumpyArchive.decode(bytes, name: "fuzz.npz") }) {
        for array in arrays.values { try checkCopy(array) }
    }
}

/// The value, or nil after an error that says something.
private func read<Value>(_ body: () throws(MediaError) -> Value) throws -> Value? {
    do throws(MediaError) { return try body() } catch {
        try demand(error.description.hasPrefix("fuzz.np"), "no place in \"\(error)\"")
        return nil
    }
}

private func checkCopy(_ array: NumpyArray) throws {
    try demand(array.floats.count == array.shape.reduce(1, *), "\(array.shape) is not its numbers' shape")
    let copy = try NumpyArray.decode(array.encode(), name: "copy.npy")
    try demand(copy.shape == array.shape, "\(array.shape) became \(copy.shape)")
    try demand(copy.floats.map(\.bitPattern) == array.floats.map(\.bitPattern), "numbers changed")
    let bytes = array.floats.map { $0 >= 0 && $0 <= 255 ? UInt8($0) : 0 }
    let labels = try NumpyArray.decode(
        NumpyArray.encodeUInt8(shape: array.shape, values: bytes), name: "labels.npy")
    try demand(labels.floats == bytes.map(Float.init), "labels changed")
}
