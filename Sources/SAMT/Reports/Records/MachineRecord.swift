import Foundation

/// What a training ran on: the program, the CPU, the kernels and the threads.
public struct MachineRecord: Codable, Equatable, Sendable {
  /// The program with its version.
  public var program: String
  /// The CPU's name, see ``cpuName``.
  public var cpu: String
  /// The CPUs that the system offers.
  public var cpuCount: Int
  /// The operating system with its version.
  public var system: String
  /// The instruction set of the kernels.
  public var kernels: String
  /// The threads of the kernels.
  public var threads: Int

  /// The machine that this process runs on; `program` is the program's name and version.
  public init(ofThisProcessOf program: String) {
    self.program = program
    cpu = Self.cpuName
    cpuCount = ProcessInfo.processInfo.processorCount
    system = ProcessInfo.processInfo.operatingSystemVersionString
    kernels = KernelISA.active.rawValue
    threads = Threads.count
  }

  /// As it is kept in `machine.json`, with a line end.
  package var json: [UInt8] { Array(JSONText.encode(self).utf8) + [UInt8(ascii: "\n")] }

  /// Names and values, for tables.
  var rows: [[String]] {
    [
      ["program", program], ["CPU", "\(cpu), \(cpuCount) CPUs"], ["system", system], ["kernels", kernels],
      ["threads", "\(threads)"],
    ]
  }

  /// The CPU's name, on Linux with family and model: virtual machines like to hide the rest.
  public static var cpuName: String {
    #if canImport(Darwin)
      var size = 0
      guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 1 else { return "unknown CPU" }
      var text = [UInt8](repeating: 0, count: size)
      guard sysctlbyname("machdep.cpu.brand_string", &text, &size, nil, 0) == 0 else { return "unknown CPU" }
      return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    #else
      let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
      func property(_ name: String) -> String? {
        lines.split(separator: "\n").first { $0.prefix { $0 != ":" && $0 != "\t" } == name }.map { line in
          String(line.drop { $0 != ":" }.dropFirst()).trimmingCharacters(in: .whitespaces)
        }
      }
      if let name = property("model name"), let family = property("cpu family"), let model = property("model") {
        return "\(name) (family \(family), model \(model))"
      }
      return property("CPU part").map { "aarch64 part \($0)" } ?? "unknown CPU"
    #endif
  }
}
