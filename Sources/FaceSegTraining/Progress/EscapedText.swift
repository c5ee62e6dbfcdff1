// EscapedText: text as it may stand in tables and pages that other programs read.

/// A field of a CSV file, quoted where it must be (RFC 4180).
package func csvField(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
}

/// Text or an attribute's value in HTML and SVG.
package func markup(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
}
