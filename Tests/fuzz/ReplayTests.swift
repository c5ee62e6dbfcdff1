// ReplayTests: what fuzzing found once, run again in every `swift test`.
import Glibc
import Testing

@Suite("What fuzzing found")
struct ReplayTests {
    @Test func theirFilesAreFound() { #expect(files(.caffemodel).count >= 3) }

    @Test(arguments: FuzzTarget.allCases)
    func regressions(target: FuzzTarget) throws {
        for path in files(target) {
            #expect(throws: Never.self, "\(path)") { try target.run(bytes(path)) }
        }
    }

    private func files(_ target: FuzzTarget) -> [String] {
        let folder =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/regressions/\(target)"
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { paths.append("\(folder)/\(name)") }
        }
        return paths.sorted()
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
        return bytes
    }
}
