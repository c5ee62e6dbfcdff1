// Turning a picture upright. Pixels are moved, never blended.

extension Photo {
    /// The picture as it is looked at, from the way it is stored: 1 to 8 as TIFF counts orientations.
    ///
    /// 2 is mirrored, 3 upside down, 4 both; 5 to 8 lie on their side, so that width and height swap.
    func upright(_ orientation: Int) -> Photo {
        let last = width * height - 1, row = width
        let walk: (start: Int, right: Int, down: Int)  // in stored pixels, for a step in the upright picture
        switch orientation {
        case 2: walk = (row - 1, -1, row)
        case 3: walk = (last, -1, -row)
        case 4: walk = (last + 1 - row, 1, -row)
        case 5: walk = (0, row, 1)
        case 6: walk = (last + 1 - row, -row, 1)
        case 7: walk = (last, -row, -1)
        case 8: walk = (row - 1, row, -1)
        default: return self
        }
        let (newWidth, newHeight) = orientation < 5 ? (width, height) : (height, width)
        return Photo(
            width: newWidth, height: newHeight, channels: channels,
            pixels: walked(walk.start, walk.right, walk.down, width: newWidth, height: newHeight))
    }

    private func walked(_ start: Int, _ right: Int, _ down: Int, width: Int, height: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    for x in 0..<width {
                        let from = (start + x * right + y * down) * channels
                        for c in 0..<channels { target[count + c] = source[from + c] }
                        count += channels
                    }
                }
            }
        }
    }
}
