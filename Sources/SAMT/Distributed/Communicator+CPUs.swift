import Foundation

extension Communicator {
  /// How many ranks may run on the very CPUs that this one may run on, this one included.
  ///
  /// Ranks of one computer that their launcher did not bind share its CPUs; ranks that are bound to CPUs of their own
  /// share none.
  public func countRanksOnTheseCPUs() -> Int {
    guard size > 1 else { return 1 }
    var digest = Digest()
    digest.add(ProcessInfo.processInfo.hostName)
    // Where there is no such file, processes are not bound to CPUs.
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    digest.add(status?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }.map(String.init) ?? "")
    return gather(digest.value).count { $0 == digest.value }
  }
}
