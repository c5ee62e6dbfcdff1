// PathNames: the two parts of a path, as text. Nothing is looked up on the disk.

/// With its slash at the end; empty for a bare name.
package func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
}

/// What stands behind the last slash.
package func lastName(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
}
