// NumpyArchive: .npz files in, as numpy.savez writes them: a zip of .npy files, stored. Nothing is unpacked,
// nothing is written, and no other zip is meant.

/// Arrays by name.
public enum NumpyArchive {
    /// An uncompressed .npz file; `blob.npy` in it is called `blob`.
    ///
    /// - Throws: ``MediaError`` when the file cannot be read, is no zip, cut off, compressed, encrypted,
    ///   damaged, or when one of its arrays cannot be read.
    public static func read(path: String) throws(MediaError) -> [String: NumpyArray] {
        try decode(readFile(path), name: path)
    }

    /// The same from bytes; `name` stands in messages.
    public static func decode(_ bytes: [UInt8], name: String) throws(MediaError) -> [String: NumpyArray] {
        let file = ByteView(bytes)
        var arrays: [String: NumpyArray] = [:], total = 0
        for entry in try zipEntries(file, name: name) {
            let place = "\(name): \(entry.name)"
            guard entry.name.hasSuffix(".npy") else {
                throw MediaError(path: place, reason: "not a .npy file; an .npz holds nothing else")
            }
            let data = try entry.data(file, place: place)
            total += data.count
            guard total <= file.count else { throw MediaError(path: place, reason: "overlaps another array") }
            let array = try NumpyArray.decode(data, name: place)
            guard arrays.updateValue(array, forKey: String(entry.name.dropLast(4))) == nil else {
                throw MediaError(path: place, reason: "the archive has this name twice")
            }
        }
        return arrays
    }
}
