/// Paths taken apart and put together, byte by byte as the system does.
enum FilePaths {
  /// The directory that holds the file at `path`: `.` where the path has no slash.
  static func directory(of path: String) -> String {
    guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return "." }
    return slash == path.unicodeScalars.startIndex ? "/" : String(path.unicodeScalars[..<slash])
  }

  /// The path of `name` in `directory`.
  static func join(_ directory: String, _ name: String) -> String {
    directory.isEmpty || directory.unicodeScalars.last == "/" ? directory + name : directory + "/" + name
  }
}
