// ForwardFace: networks as Caffe runs them, numbers in and out.
import CFaceSeg
import FaceSegKit

@_cdecl("faceseg_forward") @implementation
public func faceseg_forward(
    _ session: OpaquePointer?, _ inputs: UnsafePointer<faceseg_tensor>?, _ input_count: Int,
    _ blob: UnsafePointer<CChar>?, _ output: UnsafeMutablePointer<faceseg_tensor>?,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let session: SessionHandle = try borrow(session, "session")
        let output = try required(output, "output")
        guard (1...1024).contains(input_count) else {
            throw .kit(.argument("input_count \(input_count) is not between 1 and 1024"))
        }
        let given = try required(inputs, "inputs")
        var tensors: [(numbers: UnsafeBufferPointer<Float>, shape: [Int])] = []
        for i in 0..<input_count { tensors.append(try numbers(given[i], "inputs[\(i)]")) }
        let name = try text(blob, "blob")
        output.pointee = try session.work { (segmenter) throws(FaceSegError) in
            try segmenter.forward(tensors, blob: name) { numbers, shape in
                faceseg_tensor(numbers, shape)
            }
        }
    }
}

private func numbers(
    _ tensor: faceseg_tensor, _ name: String
) throws(FaceError) -> (UnsafeBufferPointer<Float>, [Int]) {
    let data = try required(tensor.data, "\(name).data")
    guard (0...8).contains(tensor.rank) else {
        throw .kit(.argument("\(name).rank \(tensor.rank) is not 0 to 8"))
    }
    let shape = withUnsafeBytes(of: tensor.shape) { sides in
        sides.bindMemory(to: Int64.self).prefix(Int(tensor.rank)).map { Int($0) }
    }
    let count = try kit { () throws(FaceSegError) in try Shape(shape, layer: name).count }
    return (UnsafeBufferPointer(start: data, count: count), shape)
}

extension faceseg_tensor {
    /// The session's own numbers: they stay until its next run.
    fileprivate init(_ numbers: UnsafeBufferPointer<Float>, _ shape: Shape) {
        self.init()
        data = numbers.baseAddress
        rank = Int32(shape.rank)
        withUnsafeMutableBytes(of: &self.shape) { sides in
            for (i, side) in shape.dimensions.enumerated() {
                sides.bindMemory(to: Int64.self)[i] = Int64(side)
            }
        }
    }
}
