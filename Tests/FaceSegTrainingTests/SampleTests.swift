// Labels of samples that say less than a class.
import FaceSegTraining
import Testing

@Suite struct SampleTests {
    @Test func labelsThatExcludeAClass() {
        #expect(Sample.excluded(by: Sample.not(2)) == 2)
        #expect([0, 2, Sample.ignored].allSatisfy { Sample.excluded(by: $0) == nil })
    }
}
