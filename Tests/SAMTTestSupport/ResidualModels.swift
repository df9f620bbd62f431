import SAMT

/// Residual connections in every position, smooth throughout.
///
/// Around the first layer, one in another, at a body's end, with projections, and with an output that two layers and a
/// sum read.
package func residualModel(seed: UInt64 = 3, fault: BackwardFault? = nil) throws(SAMTError) -> Model {
  try Model(input: [6], seed: seed) {
    Residual("first") {
      Linear(6, 6)
      Tanh()
      Sequential { Linear(6, 6) }
    }
    Tanh()
    Sequential("stage") {
      Residual("0") {
        Linear(6, 5)
        Tanh()
        if let fault { BrokenLayer(Linear(5, 4), fault) } else { Linear(5, 4) }
      } projection: {
        Linear(6, 4)
      }
      Residual("1") {
        Residual("inner") {
          Linear(4, 4)
          Tanh()
        }
        Linear(4, 4)
        Residual("end") { Linear(4, 4) }
      } projection: {
        Linear(4, 4, bias: false)
        Tanh()
      }
    }
    Linear(4, 4, name: "head")
  }
}
