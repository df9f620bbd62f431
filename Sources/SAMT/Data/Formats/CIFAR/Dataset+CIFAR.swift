extension Dataset {
  /// Loads CIFAR-10 in its binary version: `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`.
  ///
  /// Each file is also found with `.gz`; plain files come first. Inputs are (examples, 3, 32, 32) in [0, 1], a byte /
  /// 255; channels are red, green and blue. Files may hold any number of examples, compressed ones up to 1 GiB.
  ///
  /// - Parameter access: whether files are read at once or mapped; archives are read.
  /// - Throws: ``SAMTError/dataset(path:reason:)`` where the directory or one of the files is missing or unreadable,
  ///   where a file is not a chain of whole records, or where a label is above 9. An archive also needs the system's
  ///   `gzip` program.
  public static func loadCIFAR10(
    directory: String, access: FileAccess = .copied
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    try CIFARFormat.cifar10.load(directory, access)
  }

  /// Loads CIFAR-100 in its binary version, `train.bin` and `test.bin`, with its 100 fine labels.
  ///
  /// - Throws: ``SAMTError/dataset(path:reason:)`` as ``loadCIFAR10(directory:access:)`` does, and where a coarse label is
  ///   above 19 or a fine one above 99.
  public static func loadCIFAR100(
    directory: String, access: FileAccess = .copied
  ) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    try CIFARFormat.cifar100.load(directory, access)
  }
}
