/// How a file's content comes into memory.
public enum FileAccess: Sendable {
  /// It is mapped: a page is read when it is first used, and processes of one computer share it.
  ///
  /// No program may truncate the file while it is mapped: touching a page that is gone ends the process (SIGBUS). To
  /// replace it by renaming another is safe, as ``SafetensorsFile/write(_:metadata:to:)`` does; the old one stays mapped.
  case mapped
  /// It is read at once, and a file that changes meanwhile is refused.
  case copied
}
