import CKernels

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
    let caches = ck_machine_caches()
    // A core's own caches are shared by its threads alone.
    func isPrivate(_ cache: ck_cache) -> Bool { cache.cpus <= caches.l1.cpus }
    var levels = [
      MemoryLevel(name: "L1", bytes: caches.l1.bytes, isPrivate: true),
      MemoryLevel(name: "L2", bytes: caches.l2.bytes, isPrivate: isPrivate(caches.l2)),
    ]
    if caches.l3.bytes > 0 { levels.append(MemoryLevel(name: "L3", bytes: caches.l3.bytes, isPrivate: false)) }
    return levels
  }
}
