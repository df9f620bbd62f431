import Foundation

/// A thread for one body.
///
/// A system may have none to give: too many processes, too little memory. Dispatch then waits for ever and Foundation's
/// `Thread` says nothing; here there is none, and the caller does the work itself.
final class BackgroundThread {
  #if canImport(Darwin)
    private let thread: pthread_t?
  #else
    private let thread: pthread_t
  #endif

  /// Runs `body` on a new thread; nil where none can be made.
  init?(_ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Body(run: body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(&thread, nil, { BackgroundThread.run($0) }, context.toOpaque())
    #else
      var thread = pthread_t()
      let code = pthread_create(&thread, nil, { BackgroundThread.run($0) }, context.toOpaque())
    #endif
    guard code == 0 else {
      context.release()
      return nil
    }
    self.thread = thread
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
    return nil
  }

  /// Waits for the body's end; to be called once.
  func join() {
    #if canImport(Darwin)
      if let thread { pthread_join(thread, nil) }
    #else
      pthread_join(thread, nil)
    #endif
  }
}

/// Calls `body` for 0 ..< `count`, each on a thread of its own where the system has one, and returns after the last.
func runConcurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    let threads = (0..<max(0, count - 1)).map { index in BackgroundThread { body(index) } }
    if count > 0 { body(count - 1) }
    for (index, thread) in threads.enumerated() {
      if let thread { thread.join() } else { body(index) }
    }
  }
}
