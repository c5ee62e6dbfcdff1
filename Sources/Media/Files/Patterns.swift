// Patterns: names with *, ? and [...] that no shell has expanded, because they were quoted or came from a program.
// The system's glob(3) does the matching; `**` for folders at any depth is ours.

import Glibc

/// Whether a path is a pattern: it has `*`, `?` or `[` and is not itself the name of something.
public func isPattern(_ path: String) -> Bool {
    var status = stat()
    return path.contains { "*?[".contains($0) } && lstat(path, &status) != 0
}

/// The paths that a pattern matches, sorted within each folder.
///
/// - `*`: any characters but `/`, `?`: one of them, `[a-c]`: one of these; not a dot at the front of a name.
/// - `**` between slashes: no folder or any number of folders, one in the other, without hidden ones and links.
///
/// - Throws: ``MediaError`` when nothing matches.
public func matches(pattern: String) throws(MediaError) -> [String] {
    let found = matchesAtAnyDepth(pattern[...])
    guard !found.isEmpty else { throw MediaError(path: pattern, reason: "nothing has such a name") }
    return found
}

private func matchesAtAnyDepth(_ pattern: Substring) -> [String] {
    var parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
    guard let any = parts.dropLast().firstIndex(of: "**") else { return matchesAtOnce(String(pattern)) }
    // Of several in a row one says it all, and would otherwise find a file several times.
    while parts.indices.contains(any + 2), parts[any + 1] == "**" { parts.remove(at: any) }
    let start = parts[..<any].map { $0 + "/" }.joined()
    let rest = parts[(any + 1)...].joined(separator: "/")
    let roots = any == 0 ? [""] : matchesAtOnce(start)
    return roots.flatMap(foldersBelow).flatMap { matchesAtAnyDepth(escaped($0) + rest) }
}

/// A folder and all that are in it, each with a slash at the end; empty: the current one.
private func foldersBelow(_ folder: String) -> [String] {
    let inside = (try? names(inFolder: folder.isEmpty ? "." : folder)) ?? []
    let folders = inside.filter { !$0.hasPrefix(".") }.map { folder + $0 }.filter(isOwnFolder)
    return [folder] + folders.sorted().flatMap { foldersBelow($0 + "/") }
}

/// A folder, not a link to one, which may lead in a circle.
private func isOwnFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

private func matchesAtOnce(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).map { String(cString: found.gl_pathv[$0]!) }
}

/// A name as a pattern for itself alone.
private func escaped(_ path: String) -> Substring {
    path.reduce(into: "") { escaped, character in
        if "*?[\\".contains(character) { escaped.append("\\") }
        escaped.append(character)
    }[...]
}
