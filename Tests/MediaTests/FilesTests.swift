// Reading files and finding photos in folders: what is found, in which order, and what is said if it is not.

import Glibc
import Testing

@testable import Media

@Suite struct ReadFileTests {
    @Test func everyByte() throws {
        try inFolder { folder in
            let bytes = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }  // more than one chunk
            try write(bytes, to: folder + "/file")
            #expect(try readFile(folder + "/file") == bytes)
        }
    }

    @Test func saysWhy() throws {
        try inFolder { folder in
            try write([], to: folder + "/empty")
            try write([1], to: folder + "/large")
            try #require(truncate(folder + "/large", off_t(largestFile) + 1) == 0)  // a hole: takes no space
            let reasons = ["", "/empty", "/large", "/missing", "/empty/x"].map { name in
                failure { () throws(MediaError) in try readFile(folder + name) }
            }
            #expect(
                reasons.map { $0?.reason } == [
                    "is a folder; name a file in it", "the file is empty",
                    "the file is larger than 1 GiB, the most that is read at once",
                    "cannot be opened: No such file or directory", "cannot be opened: Not a directory",
                ])
            #expect(
                reasons[3]?.description == "\(folder)/missing: cannot be opened: No such file or directory")
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
    func noPermission() throws {
        try inFolder { folder in
            try write([1], to: folder + "/secret")
            try #require(chmod(folder + "/secret", 0) == 0)
            let error = failure { () throws(MediaError) in try readFile(folder + "/secret") }
            #expect(error?.reason == "cannot be opened: Permission denied")
        }
    }
}

@Suite struct FindPhotosTests {
    @Test func foldersAreSortedAndArgumentsKeepTheirOrder() throws {
        try inFolder { folder in
            for name in [
                "b.JPG", "a.png", "c.jpeg", "d.WebP", "a.faceseg.png", "notes.txt", ".hidden.jpg", "png",
            ] {
                try write([1], to: folder + "/" + name)
            }
            try #require(mkdir(folder + "/album.jpg", 0o755) == 0)
            let inside = ["a.png", "b.JPG", "c.jpeg", "d.WebP"].map { folder + "/" + $0 }
            func find(_ paths: [String]) throws -> [String] {
                try findPhotos(paths) { $0 == "a.faceseg.png" }
            }
            #expect(try find([folder]) == inside)
            #expect(try find([folder + "/"]) == inside)
            #expect(try findPhotos([folder]) == [folder + "/a.faceseg.png"] + inside)
            let named = folder + "/notes.txt", result = folder + "/a.faceseg.png"
            #expect(try find([named, folder, inside[1], result]) == [named] + inside + [inside[1], result])
            #expect(try findPhotos([]) == [])
        }
    }

    @Test func saysWhatIsMissing() throws {
        try inFolder { folder in
            let empty = failure { () throws(MediaError) in try findPhotos([folder]) }
            #expect(empty?.description == "\(folder): no .jpg, .jpeg, .png or .webp file is in this folder")
            try write([1], to: folder + "/old.png")
            let old = failure { () throws(MediaError) in try findPhotos([folder]) { _ in true } }
            #expect(old?.reason == "no .jpg, .jpeg, .png or .webp file is in this folder but earlier results")
            let missing = failure { () throws(MediaError) in try findPhotos([folder + "/no.jpg"]) }
            #expect(missing?.description == "\(folder)/no.jpg: cannot be read: No such file or directory")
        }
    }
}

@Suite struct PatternTests {
    /// a.png b.png [x].png .hidden.png sub/c.png sub/deep/d.png **/e.png, and a link that leads in a circle.
    private func inTree(_ body: (String) throws -> Void) throws {
        try inFolder { folder in
            for name in ["sub", "sub/deep", "**", ".secret"] {
                try #require(mkdir(folder + "/" + name, 0o755) == 0)
            }
            for name in [
                "a.png", "b.png", "[x].png", ".hidden.png", "sub/c.png", "sub/deep/d.png", "**/e.png",
                ".secret/f.png",
            ] { try write([1], to: folder + "/" + name) }
            try #require(symlink("..", folder + "/sub/circle") == 0)
            try body(folder)
        }
    }

    @Test(arguments: [
        ("*.png", ["[x].png", "a.png", "b.png"]), ("?.png", ["a.png", "b.png"]), ("[b-z].png", ["b.png"]),
        ("\\[x].png", ["[x].png"]), ("s*/*.png", ["sub/c.png"]), ("s*", ["sub"]),
        ("**/*.png", ["[x].png", "a.png", "b.png", "**/e.png", "sub/c.png", "sub/deep/d.png"]),
        ("**/**/c.png", ["sub/c.png"]), ("**/deep/**/d.png", ["sub/deep/d.png"]),
        ("sub/**/*.png", ["sub/c.png", "sub/deep/d.png"]),
        ("s?b/**/d*", ["sub/deep", "sub/deep/d.png"]), ("**", ["**", "[x].png", "a.png", "b.png", "sub"]),
    ])
    func finds(pattern: String, names: [String]) throws {
        try inTree { folder in
            #expect(isPattern(folder + "/" + pattern) == (pattern != "**"), "** is there by name")
            let found = try matches(pattern: folder + "/" + pattern)
            #expect(found == names.map { folder + "/" + $0 })
        }
    }

    @Test func whatIsThereIsNoPattern() throws {
        try inTree { folder in
            #expect(!isPattern(folder + "/[x].png") && !isPattern(folder + "/a.png"))
            let nothing = failure { () throws(MediaError) in try matches(pattern: folder + "/**/*.jpg") }
            #expect(nothing?.description == "\(folder)/**/*.jpg: nothing has such a name")
        }
    }
}
