import Foundation

/// The functions of zlib that are used, from the system's library, opened when they are first asked for.
struct ZLibrary {
  /// zlib's `z_stream`.
  struct Stream {
    var input: UnsafeRawPointer?
    var inputCount: UInt32 = 0
    var inputTotal: UInt = 0
    var output: UnsafeMutableRawPointer?
    var outputCount: UInt32 = 0
    var outputTotal: UInt = 0
    var message: UnsafePointer<CChar>?
    var state: OpaquePointer?
    var allocate: OpaquePointer?
    var free: OpaquePointer?
    var context: UnsafeMutableRawPointer?
    var dataType: Int32 = 0
    var checksum: UInt = 0
    var reserved: UInt = 0
  }

  typealias Version = @convention(c) () -> UnsafePointer<CChar>?
  typealias Initialize = @convention(c) (UnsafeMutableRawPointer, Int32, UnsafePointer<CChar>?, Int32) -> Int32
  typealias Run = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
  typealias End = @convention(c) (UnsafeMutableRawPointer) -> Int32

  let version: Version
  let inflateInit: Initialize
  let inflate: Run
  let inflateEnd: End

  /// The library, whose functions may be called from any thread; nil where the system has none.
  static let shared = ZLibrary()

  private init?() {
    let names = ["libz.so.1", "libz.so", "/usr/lib/libz.1.dylib"]
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
    func function<F>(_ name: String, as _: F.Type) -> F? { dlsym(handle, name).map { unsafeBitCast($0, to: F.self) } }
    guard let version = function("zlibVersion", as: Version.self),
      let inflateInit = function("inflateInit2_", as: Initialize.self),
      let inflate = function("inflate", as: Run.self), let inflateEnd = function("inflateEnd", as: End.self)
    else { return nil }
    (self.version, self.inflateInit, self.inflate, self.inflateEnd) = (version, inflateInit, inflate, inflateEnd)
  }
}
