import CKernels

extension Kernels {
  /// Fills `out` with numbers uniform in [0, 1), 24 bits each, and advances the generator past them.
  public static func fillUniform(_ out: inout Tensor, using generator: inout Generator) {
    let n = out.count
    let start = generator.takeBlocks((n + 3) / 4)
    out.withMutablePointer { ck_uniform(table, generator.key, generator.stream, start, n, $0) }
  }

  /// Fills `mask` with 0 at the given probability and 1 / (1 - probability) elsewhere; advances the generator.
  ///
  /// - Precondition: 0 <= probability < 1.
  public static func fillDropoutMask(_ mask: inout Tensor, probability: Float, using generator: inout Generator) {
    ensure(probability >= 0 && probability < 1, "dropout probability \(probability)")
    let n = mask.count
    let start = generator.takeBlocks((n + 3) / 4)
    mask.withMutablePointer { ck_dropout_mask(table, generator.key, generator.stream, start, probability, n, $0) }
  }
}
