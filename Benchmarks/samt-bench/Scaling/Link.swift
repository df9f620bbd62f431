import SAMT

/// What connects the ranks, as it was measured through the calls that trainings make.
struct Link {
  /// The MPI library, as it calls itself; nil where there is none.
  let library: String?
  /// Seconds until every rank has eight bytes of all others: the median call.
  let latency: Double
  /// Bytes a second that leave each rank while all exchange long blocks; nil where there is but one rank.
  ///
  /// Of the fastest call, since nothing exceeds what is possible.
  let bandwidth: Double?

  private static let rounds = (latency: 200, bandwidth: 20)
  /// Bytes of all blocks together.
  ///
  /// Processes of one computer exchange those that caches hold faster.
  private static let vectors = [1 << 18, 1 << 20, 1 << 22, 1 << 24]

  init(between ranks: any Communicator) {
    library = (ranks as? MPICommunicator)?.description
    guard ranks.size > 1 else {
      (latency, bandwidth) = (0, nil)
      return
    }
    func call(_ body: () -> Void) -> CommunicationTraffic {
      ranks.barrier()
      let before = ranks.traffic
      body()
      return ranks.traffic.since(before)
    }
    let gathers = (0..<Link.rounds.latency).map { _ in call { _ = ranks.gather(0) }.seconds }
    latency = gathers.sorted()[gathers.count / 2]

    let rates = Link.vectors.flatMap { bytes in
      let count = bytes / ranks.size * ranks.size
      let sent = Operand<UInt8>(count, repeating: 1), received = Operand<UInt8>(count, repeating: 0)
      return (0..<Link.rounds.bandwidth).map { _ in
        let traffic = call {
          ranks.exchange(
            UnsafeRawBufferPointer(start: sent.base, count: count),
            into: UnsafeMutableRawBufferPointer(start: received.base, count: count))
        }
        return Double(traffic.bytes) / traffic.seconds
      }
    }
    bandwidth = rates.max()
  }

  /// The least time in which ranks can sum vectors of so many bytes together: a ring's, of which each rank sends
  /// 2 (P - 1) / P of them.
  func bound(bytes: Int, ranks: Int) -> Double {
    guard let bandwidth else { return 0 }
    return 2 * Double(ranks - 1) / Double(ranks) * Double(bytes) / bandwidth
  }
}

extension CommunicationTraffic {
  /// What was sent since then.
  func since(_ before: CommunicationTraffic) -> CommunicationTraffic {
    var difference = self
    difference.calls -= before.calls
    difference.bytes -= before.bytes
    difference.seconds -= before.seconds
    return difference
  }
}
