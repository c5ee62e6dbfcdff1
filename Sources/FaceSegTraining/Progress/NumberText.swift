// NumberText: numbers as C prints them, for files that other programs read.

#if canImport(Glibc)
    import Glibc
#endif

/// As `%g` with so many digits: what C++ streams print. The C locale's point is put in whatever the host's is.
func general(_ number: Double, digits: Int = 6) -> String { formatted("%.*g", digits, number) }

/// With so many digits behind the point.
func fixed(_ number: Double, _ digits: Int) -> String { formatted("%.*f", digits, number) }

private func formatted(_ format: String, _ digits: Int, _ number: Double) -> String {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
        _ = withVaList([Int32(digits), number]) { vsnprintf(buffer.baseAddress!, buffer.count, format, $0) }
        return String(cString: buffer.baseAddress!)
    }
    return text.contains(",") ? String(text.map { $0 == "," ? "." : $0 }) : text
}
