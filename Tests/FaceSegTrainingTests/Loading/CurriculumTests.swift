// Stages of training: which holds, what was drawn before, and rows that are none.
import FaceSegKit
import Testing

@testable import FaceSegTraining

@Suite struct CurriculumTests {
    @Test func stages() throws {
        let curriculum = try Curriculum(rows: [[0, 128, 64], [10, 192, 48, 1], [30, 256, 32, 0.5]])
        #expect(
            [0, 9, 10, 29, 30, 99].map { curriculum.stage(at: $0).side } == [128, 128, 192, 192, 256, 256])
        #expect(curriculum.stage(at: 40).strength == 0.5 && curriculum.stage(at: 0).strength == 1)
        #expect(curriculum.draws(before: 0, passes: 2) == 0)
        #expect(curriculum.draws(before: 10, passes: 2) == 1280)
        #expect(curriculum.draws(before: 35, passes: 1) == 640 + 20 * 48 + 5 * 32)
        var even = curriculum
        even.set(batch: 7)
        #expect(even.draws(before: 35, passes: 3) == 35 * 3 * 7)
        let skipped = try Curriculum(rows: [[0, 128, 64], [0, 64, 8]])
        #expect(skipped.stage(at: 0).side == 64 && skipped.draws(before: 2, passes: 1) == 16)
        #expect(Curriculum(batch: 4).draws(before: 5, passes: 1) == 20)
    }

    @Test(arguments: [
        ([], "no stage"), ([[0, 128]], "stage 1 is no"), ([[1, 128, 2]], "begins at iteration 1"),
        ([[0, 128, 2], [9, 64, 2], [8, 64, 2]], "stage 3 begins"),
        ([[0, 128, 2], [9, 8, 2]], "stage 2 has side 8"),
        ([[0, 128, 0]], "batch 0"), ([[0, 128.5, 2]], "is no"), ([[0, 128, 2, 3]], "strength 3"),
        ([[0, 128, 2], [1e12, 128, 2]], "stage 2 begins"),
    ])
    func refused(rows: [[Double]], part: String) throws {
        let error = #expect(throws: FaceSegError.self) { try Curriculum(rows: rows) }
        #expect("\(error!)".contains(part), "\(error!)")
    }
}
