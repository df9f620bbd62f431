/// The paths of the four files of a data set that is laid out like MNIST.
struct IDXFolder {
  let trainingImages: String
  let trainingLabels: String
  let testImages: String
  let testLabels: String
}

extension IDXFolder {
  private static let (images, labels) = ("images-idx3-ubyte", "labels-idx1-ubyte")

  /// Finds the files in a directory by MNIST's names behind `prefix`, before any is read.
  init(_ directory: String, prefix: String) throws(SAMTError) {
    func find(_ splits: [String], _ name: String) throws(SAMTError) -> String {
      let names = splits.map { "\(prefix)\($0)-\(name)" }
      return try DataFile.find(names + names.map(Self.dotted), in: directory)
    }
    trainingImages = try find(["train"], Self.images)
    trainingLabels = try find(["train"], Self.labels)
    testImages = try find(["t10k", "test"], Self.images)
    testLabels = try find(["t10k", "test"], Self.labels)
  }

  /// What stands before MNIST's names in a directory; empty where no training images are found.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where there are several prefixes.
  static func prefix(in directory: String) throws(SAMTError) -> String {
    let names = try DataFile.names(in: directory)
    let endings = ["train-" + images, dotted("train-" + images)].flatMap { [$0, $0 + ".gz"] }
    let prefixes = Set(
      names.compactMap { name in endings.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } })
    guard prefixes.count <= 1 else {
      let found = prefixes.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      throw .dataset(
        path: directory, reason: "expected one data set, found several, with the prefixes \(found); name their files")
    }
    return prefixes.first ?? ""
  }

  /// A file's name as some mirrors have it, with a dot before `idx`.
  private static func dotted(_ name: String) -> String {
    for part in [images, labels] where name.hasSuffix(part) {
      let (kind, type) = (part.prefix(6), part.dropFirst(7))
      return name.dropLast(part.count) + kind + "." + type
    }
    return name
  }
}
