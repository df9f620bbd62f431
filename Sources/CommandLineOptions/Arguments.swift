import SAMT

/// The words behind the program's name on its command line.
///
/// `CommandLine.arguments` replaces what is not UTF-8; these keep the bytes, as paths do (`String(pathBytes:)`).
public func commandLineArguments() -> [String] {
  (1..<max(1, Int(CommandLine.argc))).compactMap { index in
    CommandLine.unsafeArgv[index].map { word in
      var length = 0
      while word[length] != 0 { length += 1 }
      return String(pathBytes: UnsafeRawBufferPointer(start: word, count: length))
    }
  }
}
