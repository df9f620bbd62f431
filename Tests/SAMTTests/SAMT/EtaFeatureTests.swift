import Testing

@testable import SAMT

/// An eta model that looks at some statistics alone.
@Suite struct EtaFeatureTests {
  private func model(_ features: Set<StepSizes.Feature>) -> EtaModel {
    var generator = Generator(seed: 5)
    var model = EtaModel(
      outputs: 1, hidden: 4, learningRate: 1e-3, features: features, initialP: 0, initialQ: 0, using: &generator)
    for scale: Float in [1, 3, 2] {
      let gradient = Tensor([1, -2, 4, -8, 16, 5].map { scale * $0 }, shape: [2, 3])
      model.observe(Moments(of: gradient))
    }
    return model
  }

  @Test(arguments: StepSizes.Feature.allCases) func theOthersStayZero(_ feature: StepSizes.Feature) throws {
    let (all, one) = (model(Set(StepSizes.Feature.allCases)), model([feature]))
    let index = try #require(StepSizes.Feature.allCases.firstIndex(of: feature))
    #expect(all.features.allSatisfy { $0 != 0 })
    for i in one.features.indices { #expect(one.features[i] == (i == index ? all.features[i] : 0)) }
    #expect(one.hidden != all.hidden)
  }

  @Test func withoutAnyItSeesNothing() { #expect(model([]).hidden == [0, 0, 0, 0]) }
}
