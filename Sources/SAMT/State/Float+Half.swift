extension Float {
  /// The number whose binary16 is `bits`; `Float16` is not there on every platform.
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits >> 15) << 31
    let exponent = UInt32(bits >> 10 & 0x1f)
    let mantissa = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(mantissa) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self = Float(bitPattern: sign | 0x7f80_0000 | mantissa << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | mantissa << 13)
    }
  }
}
