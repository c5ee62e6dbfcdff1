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
            #expect(try findPhotos([folder]) == inside)
            #expect(try findPhotos([folder + "/"]) == inside)
            let named = folder + "/notes.txt"
            #expect(try findPhotos([named, folder, inside[1]]) == [named] + inside + [inside[1]])
            #expect(try findPhotos([]) == [])
        }
    }

    @Test func saysWhatIsMissing() throws {
        try inFolder { folder in
            let empty = failure { () throws(MediaError) in try findPhotos([folder]) }
            #expect(empty?.description == "\(folder): no .jpg, .jpeg, .png or .webp file is in this folder")
            let missing = failure { () throws(MediaError) in try findPhotos([folder + "/no.jpg"]) }
            #expect(missing?.description == "\(folder)/no.jpg: cannot be read: No such file or directory")
        }
    }
}
