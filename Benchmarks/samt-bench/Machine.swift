import Foundation

/// One level of the memory hierarchy.
struct MemoryLevel {
  let name: String
  let bytes: Int
  /// Whether each thread has one of its own.
  let isPrivate: Bool

  /// Bytes that `threads` threads find in it together.
  func capacity(threads: Int) -> Int { isPrivate ? threads * bytes : bytes }
}

/// What the system says about the machine.
enum Machine {
  /// The data caches, smallest first.
  static var caches: [MemoryLevel] {
    #if canImport(Darwin)
      // Fast cores first, where the machine has two kinds; their second level serves a cluster of them.
      let l1 = number("hw.perflevel0.l1dcachesize") ?? number("hw.l1dcachesize") ?? 64 << 10
      let l2 = number("hw.perflevel0.l2cachesize") ?? number("hw.l2cachesize") ?? 4 << 20
      var levels = [
        MemoryLevel(name: "L1", bytes: l1, isPrivate: true), MemoryLevel(name: "L2", bytes: l2, isPrivate: false),
      ]
      if let l3 = number("hw.l3cachesize") { levels.append(MemoryLevel(name: "L3", bytes: l3, isPrivate: false)) }
      return levels
    #else
      // One core's first and second level, and what all share, as on today's servers and desktops.
      return [
        MemoryLevel(name: "L1", bytes: cacheSize(level: 1) ?? 32 << 10, isPrivate: true),
        MemoryLevel(name: "L2", bytes: cacheSize(level: 2) ?? 1 << 20, isPrivate: true),
        MemoryLevel(name: "L3", bytes: cacheSize(level: 3) ?? 16 << 20, isPrivate: false),
      ]
    #endif
  }

  #if canImport(Darwin)
    private static func number(_ name: String) -> Int? {
      var value: Int64 = 0
      var size = MemoryLayout<Int64>.size
      guard sysctlbyname(name, &value, &size, nil, 0) == 0, value > 0 else { return nil }
      return Int(value)
    }
  #else
    /// The size of the first CPU's data cache of a level, where the system tells.
    private static func cacheSize(level: Int) -> Int? {
      for index in 0..<8 {
        func property(_ name: String) -> String? {
          let path = "/sys/devices/system/cpu/cpu0/cache/index\(index)/\(name)"
          return (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard property("level") == String(level), property("type") != "Instruction", let size = property("size") else {
          continue
        }
        let digits = size.prefix { $0.isNumber }
        guard let count = Int(digits), count > 0 else { return nil }
        switch size.dropFirst(digits.count) {
        case "K": return count << 10
        case "M": return count << 20
        default: return count
        }
      }
      return nil
    }
  #endif
}
