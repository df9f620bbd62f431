import CKernels

extension Kernels {
  /// y = (x - mean) inverse gamma + beta, the moments being those of each channel over the batch, then max(., 0) where
  /// `relu` is set.
  ///
  /// - Parameters:
  ///   - x: (images, channels, ...), at least one element in each channel.
  ///   - epsilon: added to the variance: inverse = 1 / sqrt(variance + epsilon).
  ///   - gamma: (channels).
  ///   - beta: (channels).
  ///   - relu: whether negative results become 0.
  ///   - mean: (channels), written.
  ///   - variance: (channels), written: the biased one.
  ///   - inverse: (channels), written.
  ///   - y: the shape of `x`.
  public static func normalizeBatch(
    _ x: Tensor, epsilon: Float, gamma: Tensor, beta: Tensor, relu: Bool = false, mean: inout Tensor,
    variance: inout Tensor, inverse: inout Tensor, into y: inout Tensor
  ) {
    var shape = channels(of: x, gamma, beta, mean, variance, inverse)
    requireCount(y, x, "normalized batch")
    x.withPointer { x in
      gamma.withPointer { gamma in
        beta.withPointer { beta in
          mean.withMutablePointer { mean in
            variance.withMutablePointer { variance in
              inverse.withMutablePointer { inverse in
                y.withMutablePointer {
                  ck_batch_norm(table, &shape, epsilon, x, gamma, beta, relu, mean, variance, inverse, $0)
                }
              }
            }
          }
        }
      }
    }
  }

  /// The gradients of ``normalizeBatch(_:epsilon:gamma:beta:relu:mean:variance:inverse:into:)``: of gamma, beta and x.
  ///
  /// - Parameters:
  ///   - dy: the gradient by y, of the shape of `x`.
  ///   - x: what was normalized.
  ///   - gamma: (channels).
  ///   - beta: (channels).
  ///   - relu: as in the forward call.
  ///   - mean: (channels), as the forward call left it.
  ///   - inverse: (channels), as the forward call left it.
  ///   - gammaGradient: (channels), written.
  ///   - betaGradient: (channels), written.
  ///   - dx: the shape of `x`.
  public static func normalizeBatchGradient(
    _ dy: Tensor, at x: Tensor, gamma: Tensor, beta: Tensor, relu: Bool = false, mean: Tensor, inverse: Tensor,
    gammaGradient: inout Tensor, betaGradient: inout Tensor, into dx: inout Tensor
  ) {
    requireCount(dx, x, "normalized input's gradient")
    dx.withMutablePointer {
      normalizeBatchGradient(
        dy, at: x, gamma: gamma, beta: beta, relu: relu, mean: mean, inverse: inverse, gammaGradient: &gammaGradient,
        betaGradient: &betaGradient, dx: $0)
    }
  }

  /// The gradients of gamma and beta alone.
  public static func normalizeBatchGradient(
    _ dy: Tensor, at x: Tensor, gamma: Tensor, beta: Tensor, relu: Bool = false, mean: Tensor, inverse: Tensor,
    gammaGradient: inout Tensor, betaGradient: inout Tensor
  ) {
    normalizeBatchGradient(
      dy, at: x, gamma: gamma, beta: beta, relu: relu, mean: mean, inverse: inverse, gammaGradient: &gammaGradient,
      betaGradient: &betaGradient, dx: nil)
  }

  private static func normalizeBatchGradient(
    _ dy: Tensor, at x: Tensor, gamma: Tensor, beta: Tensor, relu: Bool, mean: Tensor, inverse: Tensor,
    gammaGradient: inout Tensor, betaGradient: inout Tensor, dx: UnsafeMutablePointer<Float>?
  ) {
    var shape = channels(of: x, gamma, mean, inverse, gammaGradient, betaGradient)
    requireCount(beta, gamma, "beta")
    requireCount(dy, x, "normalized output's gradient")
    dy.withPointer { dy in
      x.withPointer { x in
        gamma.withPointer { gamma in
          beta.withPointer { beta in
            mean.withPointer { mean in
              inverse.withPointer { inverse in
                gammaGradient.withMutablePointer { dgamma in
                  betaGradient.withMutablePointer {
                    ck_batch_norm_gradient(table, &shape, dy, x, gamma, beta, relu, mean, inverse, dgamma, $0, dx)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// y[n, c, ...] = (x[n, c, ...] - mean[c]) scale[c] + shift[c], then max(., 0) where `relu` is set.
  ///
  /// - Parameters:
  ///   - x: (images, channels, ...).
  ///   - mean: (channels).
  ///   - scale: (channels).
  ///   - shift: (channels).
  ///   - relu: whether negative results become 0.
  ///   - y: the shape of `x`.
  public static func transformChannels(
    _ x: Tensor, mean: Tensor, scale: Tensor, shift: Tensor, relu: Bool = false, into y: inout Tensor
  ) {
    var shape = channels(of: x, mean, scale, shift, mean, mean)
    requireCount(y, x, "transformed channels")
    x.withPointer { x in
      mean.withPointer { mean in
        scale.withPointer { scale in
          shift.withPointer { shift in
            y.withMutablePointer { ck_channel_affine(table, &shape, x, mean, scale, shift, relu, $0) }
          }
        }
      }
    }
  }

  /// y = (x - mean) inverse gamma + beta, the moments being those of each row, inverse = 1 / sqrt(variance + epsilon).
  ///
  /// - Parameters:
  ///   - x: rows of as many elements as `gamma`, at least one.
  ///   - epsilon: added to the variance.
  ///   - gamma: (columns).
  ///   - beta: (columns).
  ///   - mean: (rows), written.
  ///   - inverse: (rows), written.
  ///   - y: the shape of `x`.
  public static func normalizeRows(
    _ x: Tensor, epsilon: Float, gamma: Tensor, beta: Tensor, mean: inout Tensor, inverse: inout Tensor,
    into y: inout Tensor
  ) {
    let (rows, columns) = rows(of: x, gamma, beta, mean, inverse)
    requireCount(y, x, "normalized rows")
    x.withPointer { x in
      gamma.withPointer { gamma in
        beta.withPointer { beta in
          mean.withMutablePointer { mean in
            inverse.withMutablePointer { inverse in
              y.withMutablePointer {
                ck_layer_norm(table, rows, columns, epsilon, x, gamma, beta, mean, inverse, $0)
              }
            }
          }
        }
      }
    }
  }

  /// dx = the gradient by the input of ``normalizeRows(_:epsilon:gamma:beta:mean:inverse:into:)``, given dy, that by
  /// its output.
  public static func normalizeRowsGradient(
    _ dy: Tensor, at x: Tensor, gamma: Tensor, mean: Tensor, inverse: Tensor, into dx: inout Tensor
  ) {
    let (rows, columns) = rows(of: x, gamma, gamma, mean, inverse)
    requireCount(dy, x, "normalized output's gradient")
    requireCount(dx, x, "normalized input's gradient")
    dy.withPointer { dy in
      x.withPointer { x in
        gamma.withPointer { gamma in
          mean.withPointer { mean in
            inverse.withPointer { inverse in
              dx.withMutablePointer {
                ck_layer_norm_gradient(table, rows, columns, dy, x, gamma, mean, inverse, $0)
              }
            }
          }
        }
      }
    }
  }

  /// The gradients of gamma and beta in ``normalizeRows(_:epsilon:gamma:beta:mean:inverse:into:)``.
  public static func normalizeRowsGradient(
    _ dy: Tensor, at x: Tensor, mean: Tensor, inverse: Tensor, gammaGradient: inout Tensor,
    betaGradient: inout Tensor
  ) {
    let (rows, columns) = rows(of: x, gammaGradient, betaGradient, mean, inverse)
    requireCount(dy, x, "normalized output's gradient")
    dy.withPointer { dy in
      x.withPointer { x in
        mean.withPointer { mean in
          inverse.withPointer { inverse in
            gammaGradient.withMutablePointer { dgamma in
              betaGradient.withMutablePointer {
                ck_layer_norm_sums(table, rows, columns, dy, x, mean, inverse, dgamma, $0)
              }
            }
          }
        }
      }
    }
  }

  private static func channels(
    of x: Tensor, _ a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor, _ e: Tensor
  ) -> ck_channels {
    ensure(x.shape.rank >= 2 && x.count > 0, "channels need [images, channels, ...], found \(x.shape)")
    let (images, channels) = (x.shape[0], x.shape[1])
    func check(_ one: Tensor) {
      ensure(one.count == channels, "channels of \(x.shape): expected \(channels) elements, found shape \(one.shape)")
    }
    check(a)
    check(b)
    check(c)
    check(d)
    check(e)
    return ck_channels(images: images, channels: channels, area: x.count / (images * channels))
  }

  private static func rows(
    of x: Tensor, _ gamma: Tensor, _ beta: Tensor, _ mean: Tensor, _ inverse: Tensor
  ) -> (rows: Int, columns: Int) {
    let columns = gamma.count
    ensure(
      columns > 0 && x.count % columns == 0 && beta.count == columns,
      "rows of shape \(x.shape): found gamma of shape \(gamma.shape), beta of shape \(beta.shape)")
    let rows = x.count / columns
    ensure(
      mean.count == rows && inverse.count == rows,
      "moments of \(rows) rows: found shapes \(mean.shape), \(inverse.shape)")
    return (rows, columns)
  }
}
