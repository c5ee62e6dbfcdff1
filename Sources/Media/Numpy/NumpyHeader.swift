// NumpyHeader: what stands before an array's numbers in a .npy file. The numbers are NumpyArray's.
// Source: numpy.lib.format, versions 1.0 to 3.0.

/// `\x93NUMPY`, version, length, and `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct NumpyHeader {
    private(set) var kind = NumpyKind.float32
    private(set) var shape: [Int] = []
    /// Where the numbers begin.
    let dataOffset: Int

    /// - Throws: ``MediaError`` that says what is missing or not understood.
    init(_ file: ByteView, name: String) throws(MediaError) {
        guard file.has([0x93] + Array("NUMPY".utf8)), let version = file.big(6, 2) else {
            throw MediaError(path: name, reason: "not a .npy file; numpy.save writes them")
        }
        guard [0x0100, 0x0200, 0x0300].contains(version) else {
            let number = "\(version >> 8).\(version & 0xFF)"
            throw MediaError(path: name, reason: ".npy version \(number); 1.0, 2.0 and 3.0 are read")
        }
        let size = version == 0x0100 ? 2 : 4
        guard let length = file.little(8, size), let header = file.part(8 + size, length) else {
            throw cutOff(".npy file", name)
        }
        guard length <= Self.longest else {
            throw MediaError(
                path: name, reason: "a .npy header of \(length) bytes; \(Self.longest) at most are read")
        }
        dataOffset = 8 + size + length
        try parse(NumpyScanner(header, name: name))
    }

    /// NumPy's own limits.
    private static let longest = 10_000, mostAxes = 64

    private mutating func parse(_ start: NumpyScanner) throws(MediaError) {
        var scanner = start, seen: Set<String> = []
        try scanner.take("{")
        while !scanner.takes("}") {
            let key = try scanner.string()
            try scanner.take(":")
            switch key {
            case "descr": kind = try scanner.kind()
            case "fortran_order": try scanner.rowMajor()
            case "shape": shape = try scanner.shape(most: Self.mostAxes)
            default: throw scanner.error("the key \"\(key)\", which .npy does not have")
            }
            guard seen.insert(key).inserted else { throw scanner.error("\"\(key)\" twice") }
            guard scanner.takes(",") || scanner.isNext("}") else { throw scanner.error("no \",\" or \"}\"") }
        }
        guard seen.count == 3 else { throw scanner.error("not all of descr, fortran_order and shape") }
    }
}

/// The kinds of number that are read.
enum NumpyKind: String, CaseIterable {
    case float32 = "<f4", float64 = "<f8", int32 = "<i4", int64 = "<i8", uint8 = "|u1"

    /// Bytes of one number.
    var size: Int {
        switch self {
        case .uint8: 1
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }
}

/// Reads the few Python literals that a header is made of.
struct NumpyScanner {
    private let text: [UInt8]
    private let name: String
    private var position = 0

    init(_ header: ByteView, name: String) {
        text = Array(header.bytes)
        self.name = name
    }

    func error(_ what: String) -> MediaError {
        MediaError(path: name, reason: "the .npy header has \(what) (at byte \(position) of the header)")
    }

    /// The next character that is no space.
    private mutating func peek() -> UInt8? {
        while position < text.count, text[position] == 0x20 || text[position] == 0x0A { position += 1 }
        return position < text.count ? text[position] : nil
    }

    mutating func isNext(_ character: Unicode.Scalar) -> Bool { peek() == UInt8(ascii: character) }

    mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    mutating func take(_ character: Unicode.Scalar) throws(MediaError) {
        guard takes(character) else { throw error("no \"\(character)\" where one belongs") }
    }

    /// What is between two quotes of one kind.
    mutating func string() throws(MediaError) -> String {
        let quote: Unicode.Scalar = isNext("\"") ? "\"" : "'"
        try take(quote)
        guard let end = text[position...].firstIndex(of: UInt8(ascii: quote)) else {
            throw error("an open string")
        }
        defer { position = end + 1 }
        return String(decoding: text[position..<end], as: UTF8.self)
    }

    mutating func kind() throws(MediaError) -> NumpyKind {
        guard isNext("'") || isNext("\"") else {
            throw error("a dtype of several fields; save one array a field")
        }
        let dtype = try string()
        if let kind = NumpyKind(rawValue: dtype) { return kind }
        let known = NumpyKind.allCases.map(\.rawValue).joined(separator: ", ")
        let order = dtype.hasPrefix(">") ? ", big-endian," : ""
        throw error("dtype \"\(dtype)\"\(order) and \(known) are read; convert it with astype")
    }

    mutating func rowMajor() throws(MediaError) {
        let word = letters()
        guard word != "True" else {
            throw error("fortran_order True and only C order is read; save numpy.ascontiguousarray(x)")
        }
        guard word == "False" else { throw error("no True or False after fortran_order") }
    }

    private mutating func letters() -> String {
        guard peek() != nil else { return "" }
        let word = text[position...].prefix {
            $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z")
        }
        position = word.endIndex
        return String(decoding: word, as: UTF8.self)
    }

    /// `()`, `(3,)`, `(3, 4)`.
    mutating func shape(most: Int) throws(MediaError) -> [Int] {
        var shape: [Int] = []
        try take("(")
        while !takes(")") {
            shape.append(try number())
            guard shape.count <= most else { throw error("more than \(most) axes") }
            guard takes(",") || isNext(")") else { throw error("no \",\" or \")\" in its shape") }
        }
        return shape
    }

    private mutating func number() throws(MediaError) -> Int {
        guard peek() != nil else { throw error("an open shape") }
        let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw error("a side that is not a number from 0 to \(Int.max)")
        }
        position = digits.endIndex
        if isNext("L") { position += 1 }  // long numbers of Python 2
        return value
    }
}
