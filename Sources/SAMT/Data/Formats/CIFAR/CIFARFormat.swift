/// The binary format of CIFAR-10 and CIFAR-100 (Krizhevsky 2009).
///
/// A file is a chain of records without a header: one byte for each label, then 3 x 32 x 32 bytes for an image, all of
/// red before green before blue, each row by row from the top.
struct CIFARFormat {
  /// What the label bytes of a record are, and how many classes each can name; the last one is used.
  private let labels: [(name: String, classCount: Int)]
  private let classNames: [String]
  private let trainingFiles: [String]
  private let testFile: String

  static let cifar10 = CIFARFormat(
    labels: [("labels", 10)],
    classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    trainingFiles: (1...5).map { "data_batch_\($0).bin" }, testFile: "test_batch.bin")
  static let cifar100 = CIFARFormat(
    labels: [("coarse labels", 20), ("fine labels", 100)], classNames: [], trainingFiles: ["train.bin"],
    testFile: "test.bin")

  private static let imageShape: Shape = [3, 32, 32]
  private var classCount: Int { labels[labels.count - 1].classCount }
  private var recordSize: Int { labels.count + Self.imageShape.count }

  /// The examples of all files of `directory`.
  func load(_ directory: String, _ access: FileAccess) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    // All are looked for before any is read, which takes a while.
    let trainingPaths = try trainingFiles.map { (name) throws(SAMTError) in try DataFile.find([name], in: directory) }
    let testPath = try DataFile.find([testFile], in: directory)
    return (try load(trainingPaths, access), try load([testPath], access))
  }

  /// The examples of some files, in their order; those of archives are read in any case.
  private func load(_ paths: [String], _ access: FileAccess) throws(SAMTError) -> Dataset {
    guard access == .mapped else { return try load(paths) }
    var segments: [MappedExamples.Segment] = []
    var classes: [Int32] = []
    for path in paths {
      let stream = try DataStream(path)
      guard let file = try stream.map() else { return try load(paths) }
      // Checked as they are read otherwise, and forgotten again.
      try forEachChunk(of: stream) { bytes in
        for record in stride(from: 0, to: bytes.count, by: recordSize) {
          classes.append(Int32(bytes[record + labels.count - 1]))
        }
      }
      segments.append(
        MappedExamples.Segment(
          file: file, start: labels.count, stride: recordSize, count: stream.position / recordSize))
    }
    let examples = MappedExamples(segments, of: .fraction, exampleShape: Self.imageShape)
    return Dataset(.files(examples), .classes(classes[...]), classCount: classCount, classNames: classNames)
  }

  /// The examples of some files, in their order.
  private func load(_ paths: [String]) throws(SAMTError) -> Dataset {
    var chunks: [[UInt8]] = []
    for path in paths { chunks += try records(try DataStream(path)) }
    let count = chunks.reduce(0) { $0 + $1.count } / recordSize
    var inputs = Tensor(zeros: Self.imageShape.batched(count))
    var classes: [Int32] = []
    classes.reserveCapacity(count)
    inputs.withMutablePointer { pixels in
      for chunk in chunks {
        chunk.withUnsafeBufferPointer { bytes in
          for record in stride(from: 0, to: bytes.count, by: recordSize) {
            let image = pixels + classes.count * Self.imageShape.count
            for i in 0..<Self.imageShape.count { image[i] = Float(bytes[record + labels.count + i]) / 255 }
            classes.append(Int32(bytes[record + labels.count - 1]))
          }
        }
      }
    }
    return Dataset(inputs: inputs, labels: classes, classCount: classCount, classNames: classNames)
  }

  /// The content of a file, as ``forEachChunk(of:archiveLimit:_:)`` reads it.
  func records(_ stream: DataStream, archiveLimit: Int = 1 << 30) throws(SAMTError) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    try forEachChunk(of: stream, archiveLimit: archiveLimit) { chunks.append($0) }
    return chunks
  }

  /// Calls `body` with a file's content: at least one record, nothing but whole ones, all labels in range.
  ///
  /// It is read and checked a few hundred records at a time, so that the first wrong label ends the reading.
  ///
  /// - Parameter archiveLimit: the most bytes that are read from an archive, for want of a header that would say how
  ///   many are right.
  private func forEachChunk(
    of stream: DataStream, archiveLimit: Int = 1 << 30, _ body: ([UInt8]) -> Void
  ) throws(SAMTError) {
    if let size = stream.size { try check(size: size, path: stream.path) }
    while true {
      let chunk = try stream.read(recordSize * 300)
      try checkLabels(of: chunk, from: (stream.position - chunk.count) / recordSize, path: stream.path)
      if stream.size == nil, stream.position > archiveLimit {
        throw .dataset(
          path: stream.path, reason: "expected at most \(archiveLimit) bytes in an archive, found more")
      }
      if chunk.isEmpty { break }
      body(chunk)
    }
    _ = try stream.isAtEnd()
    try check(size: stream.position, path: stream.path)
  }

  private func check(size: Int, path: String) throws(SAMTError) {
    guard size > 0 else { throw .dataset(path: path, reason: "the file is empty") }
    let (count, rest) = size.quotientAndRemainder(dividingBy: recordSize)
    guard rest == 0 else {
      throw .dataset(
        path: path,
        reason: "truncated, or of another format: expected a multiple of \(recordSize) bytes"
          + " (\(labels.count) of labels, 3 x 32 x 32 of pixels), found \(size), \(rest) more than \(count) records"
      )
    }
  }

  /// Checks the labels of the whole records in `bytes`, the first of which is number `first`.
  private func checkLabels(of bytes: [UInt8], from first: Int, path: String) throws(SAMTError) {
    for record in 0..<bytes.count / recordSize {
      for (i, label) in labels.enumerated() where bytes[record * recordSize + i] >= label.classCount {
        let found = bytes[record * recordSize + i]
        throw .dataset(
          path: path,
          reason: "expected \(label.name) below \(label.classCount), found \(found) in record \(first + record)")
      }
    }
  }
}
