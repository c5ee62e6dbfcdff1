// Snapshot: a solver's weights and state in Caffe's files, written and read: PREFIX_iter_N.caffemodel and .solverstate.
// Each is there whole or not at all. Source: Caffe `net.cpp`, `sgd_solver.cpp`.
import FaceSegKit

#if canImport(Glibc)
    import Glibc
#endif

extension TrainingNet {
    /// Writes the weights with the layers of the phase, as Caffe's solver does.
    package func write(path: String) throws(FaceSegError) {
        let file = try AtomicFile(path: path)
        try writeNetParameter(
            message, blobs: layers.map { $0.parameters.map { parameters[$0].outgoing } }, to: file)
        try file.commit()
    }

    /// Takes over the weights of a `.caffemodel`, by layer name. Layers that only one of the two has are left alone.
    ///
    /// - Returns: the names of layers that had weights in both.
    /// - Throws: if a layer's blobs are of another number or shape; nothing is changed then.
    @discardableResult
    package func copyWeights(path: String) throws(FaceSegError) -> [String] {
        let file = try CaffeFile(FileByteSource(path: path))
        let stored = try file.blobs()
        var copies: [(Parameter, StoredBlob)] = [], names: [String] = []
        for layer in layers where !layer.parameters.isEmpty {
            guard let blobs = stored[layer.name] else { continue }
            guard blobs.count == layer.parameters.count else {
                throw .network(
                    layer: layer.name,
                    reason: "\(path) has \(blobs.count) blobs, the layer \(layer.parameters.count)")
            }
            for (index, blob) in zip(layer.parameters, blobs) {
                let parameter = parameters[index]
                guard blob.shape.drop(while: { $0 == 1 }) == parameter.dimensions.drop(while: { $0 == 1 })
                else {
                    throw .network(
                        layer: layer.name,
                        reason: "\(path) has weights \(Shape.text(blob.shape)), the layer needs "
                            + Shape.text(parameter.dimensions))
                }
                copies.append((parameter, StoredBlob(header: blob, source: file.source)))
            }
            names.append(layer.name)
        }
        for (parameter, blob) in copies { try blob.read(0..<parameter.count, into: parameter.numbers) }
        try file.source.checkUnchanged()
        return names
    }
}

extension Solver {
    /// The name of a snapshot's files without their endings.
    package func snapshotName(prefix: String) -> String { "\(prefix)_iter_\(iteration)" }

    /// Writes `PREFIX_iter_N.caffemodel`, then `.solverstate`, then what they are to `.sha256`.
    ///
    /// - Returns: the path of the second.
    package func snapshot(prefix: String) throws(FaceSegError) -> String {
        let name = snapshotName(prefix: prefix)
        var files = [name + ".caffemodel"]
        SnapshotSums.forget(name)
        try net.write(path: files[0])
        var state = Message("SolverState")
        state.set("iter", to: iteration)
        state.set("learned_net", to: name + ".caffemodel")
        state.set("current_step", to: currentStep)
        if !averages.isEmpty {
            files.append(name + ".average.caffemodel")
            try withAverages { () throws(FaceSegError) in try net.write(path: files[1]) }
        }
        let file = try AtomicFile(path: name + ".solverstate")
        let shapes = net.parameters.map(\.dimensions)
        try writeMessage(
            state,
            blobs: [
                history.enumerated().map { index, buffer in
                    OutgoingBlob(shape: shapes[index % shapes.count], numbers: buffer)
                }
            ], to: file)
        try file.commit()
        try SnapshotSums.write(name, of: files + [name + ".solverstate"])
        return name + ".solverstate"
    }

    /// Goes on from a `.solverstate`, Caffe's or ours, with the weights that it names: a path as it was written, or one
    /// beside the state. The position in the data is not stored.
    ///
    /// - Throws: if one of the files is damaged, as its sums tell, or of another net; nothing is changed then.
    package func restore(path: String) throws(FaceSegError) {
        try SnapshotSums.check(state: path)
        let source = try FileByteSource(path: path)
        let state = try readMessage("SolverState", from: source)
        let stored = state.blobs("history"), updates = state.int("iter") ?? 0,
            step = state.int("current_step") ?? 0
        guard updates >= 0, step >= 0 else {
            throw .file(
                path: path, byte: nil, reason: "is of iteration \(updates), step \(step); neither is below 0")
        }
        guard stored.count == history.count else {
            throw .file(
                path: path, byte: nil,
                reason:
                    "holds \(stored.count) blobs of history, this solver keeps \(history.count); is it of "
                    + "another net or solver type?")
        }
        for (blob, buffer) in zip(stored, history) where blob.count != buffer.count {
            throw .file(
                path: path, byte: nil,
                reason: "holds a history of \(blob.count) numbers where the net has \(buffer.count) weights")
        }
        if let learned = state.string("learned_net") {
            try net.copyWeights(path: found(learned, beside: path))
        }
        for (blob, buffer) in zip(stored, history) {
            try blob.read(
                0..<blob.count, into: UnsafeMutableBufferPointer(start: buffer.start, count: buffer.count),
                from: source)
        }
        try source.checkUnchanged()
        try restoreAverages(beside: path)
        (iteration, currentStep) = (updates, step)
        clock.passes = iteration * settings.iterationSize
    }

    /// From `NAME.average.caffemodel`; the weights themselves where there is none.
    private func restoreAverages(beside path: String) throws(FaceSegError) {
        guard !averages.isEmpty else { return }
        for (parameter, average) in zip(net.parameters, averages) {
            average.start.update(from: parameter.data.start, count: parameter.count)
        }
        let name = path.replacingSuffix(".solverstate", with: ".average.caffemodel")
        guard (try? FileByteSource(path: name)) != nil else { return }
        swapAverages()
        defer { swapAverages() }
        try net.copyWeights(path: name)
    }

    private func found(_ learned: String, beside path: String) -> String {
        if (try? FileByteSource(path: learned)) != nil { return learned }
        return folder(of: path) + lastName(learned)
    }
}

extension Parameter {
    fileprivate var outgoing: OutgoingBlob { OutgoingBlob(shape: dimensions, numbers: data) }
}

extension OutgoingBlob {
    /// Numbers in memory.
    fileprivate init(shape: [Int], numbers: Buffer) {
        self.init(shape: shape) { range, destination throws(FaceSegError) in
            destination.baseAddress!.update(from: numbers.start + range.lowerBound, count: range.count)
        }
    }
}

/// The `.solverstate` of most updates among those of a prefix whose files are whole; nil: there is none.
///
/// - see: told of each later one that is damaged.
package func latestSnapshot(prefix: String, damaged see: (FaceSegError) -> Void = { _ in }) -> String? {
    for snapshot in snapshots(prefix: prefix) {
        do throws(FaceSegError) {
            try SnapshotSums.check(state: snapshot)
            return snapshot
        } catch { see(error) }
    }
    return nil
}

/// The `.solverstate` files of a prefix, that of most updates first.
private func snapshots(prefix: String) -> [String] {
    let folder = FaceSegKit.folder(of: prefix), start = lastName(prefix) + "_iter_", end = ".solverstate"
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var found: [(updates: Int, name: String)] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name.hasPrefix(start), name.hasSuffix(end),
            let updates = Int(name.dropFirst(start.count).dropLast(end.count)), updates >= 0
        else { continue }
        found.append((updates, name))
    }
    return found.sorted { $0.updates > $1.updates }.map { folder + $0.name }
}
