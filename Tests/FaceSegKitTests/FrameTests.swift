// FrameTests: where photos and regions lie in a network's input, by hand and by going there and back.
import Testing

@testable import FaceSegKit

struct FrameTests {
    private func frame(
        _ width: Int, _ height: Int, region: Region? = nil, _ orientation: Orientation = .up,
        _ change: (inout Preprocessing) -> Void = { _ in }
    ) throws -> Frame {
        var preprocessing = Preprocessing()
        change(&preprocessing)
        return try Frame(
            width: width, height: height, region: region, orientation: orientation, preprocessing)
    }

    /// The post's advice: longest side to 250, then enlarged to 512, aspect kept.
    @Test func faceFCN() throws {
        let large = try frame(1000, 500)
        #expect(large.reduced == (250, 125) && large.working == (512, 256) && large.input == (512, 256))
        let upright = try frame(600, 900)
        #expect(upright.reduced == (167, 250) && upright.working == (341, 512))
        // A photo below 250 pixels is only enlarged.
        let small = try frame(100, 50)
        #expect(small.reduced == (512, 256) && small.working == (512, 256))
        let tiny = try frame(1, 1)
        #expect(tiny.input == (512, 512))
        let line = try frame(16_384, 1)
        #expect(line.working == (512, 1))
    }

    @Test func squareCanvas() throws {
        let frame = try frame(640, 480) {
            $0.reduceSize = nil
            $0.workingSize = 256
            $0.canvas = .square
            $0.multipleOf = 32
        }
        #expect(
            frame.working == (256, 192) && frame.input == (256, 256) && frame.left == 0 && frame.top == 32)
        let place = frame.place(outputWidth: 128, outputHeight: 128)
        #expect(place == (0, 16, 128, 96))
    }

    @Test func ownSizeAndMultiples() throws {
        let frame = try frame(301, 200) {
            $0.reduceSize = nil
            $0.workingSize = nil
            $0.multipleOf = 32
        }
        #expect(
            frame.working == (301, 200) && frame.input == (320, 224) && frame.left == 9 && frame.top == 12)
    }

    /// The buffer's top left corner becomes the upright picture's top right one after a clockwise quarter turn.
    @Test func quarterTurn() throws {
        let frame = try frame(640, 480, .right)
        #expect(frame.uprightWidth == 480 && frame.uprightHeight == 640 && !frame.isStraight)
        let (x, y) = frame.toPhoto(480, 0)
        #expect(abs(x) < 1e-9 && abs(y) < 1e-9)
        let (u, v) = frame.toPhoto(0, 0)
        #expect(abs(u) < 1e-9 && abs(v - 480) < 1e-9)
    }

    @Test(arguments: Orientation.allCases, [0, 12.5, 90, -200])
    func thereAndBack(orientation: Orientation, angle: Double) throws {
        let region = Region(x: 37, y: -12, width: 200, height: 90, angle: angle)
        let frame = try frame(400, 300, region: region, orientation)
        for (u, v) in [(0, 0), (1, 0), (0.3, 0.9)] as [(Double, Double)] {
            let photo = frame.toPhoto(u * frame.uprightWidth, v * frame.uprightHeight)
            let back = frame.photoToUnit(photo.x, photo.y)
            #expect(abs(back.x - u) < 1e-9 && abs(back.y - v) < 1e-9)
        }
        let middle = frame.toPhoto(frame.uprightWidth / 2, frame.uprightHeight / 2)
        #expect(abs(middle.x - 137) < 1e-9 && abs(middle.y - 33) < 1e-9)
    }

    @Test func onlyPlainRegionsAreStraight() throws {
        #expect(try frame(400, 300, region: Region(x: 10.5, y: 20, width: 100, height: 50)).isStraight)
        #expect(try !frame(400, 300, region: Region(x: -1, y: 20, width: 100, height: 50)).isStraight)
        #expect(try !frame(400, 300, region: Region(x: 310, y: 20, width: 100, height: 50)).isStraight)
        #expect(
            try !frame(400, 300, region: Region(x: 10, y: 20, width: 100, height: 50, angle: 5)).isStraight)
    }
}

struct ResamplingTableTests {
    private func outputs(_ table: ResamplingTable, _ input: [Double]) -> [Double] {
        table.withTable { table in
            (0..<table.count).map { i in
                (0..<table.taps).reduce(0.0) { sum, k in
                    sum + Double(table.weights[i * table.taps + k]) * input[Int(table.first[i]) + k]
                }
            }
        }
    }

    private func close(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }
    }

    @Test func shrinkingIsTheAreasMean() {
        let half = ResamplingTable(length: 4, span: 4, count: 2)
        #expect(close(outputs(half, [1, 3, 10, 20]), [2, 15]))
        let uneven = ResamplingTable(length: 3, span: 3, count: 2)
        let thirds: [Double] = [2 / 1.5, 7 / 1.5]
        #expect(close(outputs(uneven, [1, 2, 6]), thirds))
        let part = ResamplingTable(length: 8, from: 2.5, span: 4, count: 2)
        #expect(close(outputs(part, [0, 1, 2, 3, 4, 5, 6, 7]), [3, 5]))
    }

    @Test func growingIsLinear() {
        let double = ResamplingTable(length: 2, span: 2, count: 4)
        #expect(close(outputs(double, [0, 8]), [0, 2, 6, 8]))
        let same = ResamplingTable(length: 5, span: 5, count: 5)
        #expect(close(outputs(same, [4, 1, 9, 0, 2]), [4, 1, 9, 0, 2]))
        let one = ResamplingTable(length: 1, span: 1, count: 3)
        #expect(close(outputs(one, [7]), [7, 7, 7]))
    }

    @Test(arguments: [1, 2, 3, 7, 100, 509], [1, 2, 5, 33, 700])
    func constantsStayAndIndicesAreInside(length: Int, count: Int) {
        for (from, share) in [(0.0, 1.0), (0.3, 0.5), (0.9, 0.1)] {
            let table = ResamplingTable(
                length: length, from: from * Double(length), span: share * Double(length), count: count)
            #expect(
                close(outputs(table, Array(repeating: 3, count: length)), Array(repeating: 3, count: count)))
            table.withTable { table in
                for i in 0..<count {
                    #expect(table.first[i] >= 0 && Int(table.first[i]) + table.taps <= length)
                }
            }
        }
    }
}
