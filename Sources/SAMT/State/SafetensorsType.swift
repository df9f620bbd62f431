/// The types of elements that a safetensors file can hold, by their names in the file.
public enum SafetensorsType: String, CaseIterable, Sendable {
  /// A byte, 0 or 1.
  case bool = "BOOL"
  /// Unsigned integers.
  case u8 = "U8"
  case u16 = "U16"
  case u32 = "U32"
  case u64 = "U64"
  /// Signed integers in two's complement.
  case i8 = "I8"
  case i16 = "I16"
  case i32 = "I32"
  case i64 = "I64"
  /// IEEE 754's binary16, binary32 and binary64.
  case f16 = "F16"
  case f32 = "F32"
  case f64 = "F64"
  /// The upper half of a binary32.
  case bf16 = "BF16"
  /// Two binary32: real and imaginary part.
  case c64 = "C64"
  /// Numbers of eight bits and fewer, by exponent and mantissa; only their bytes can be had.
  case f8e5m2 = "F8_E5M2"
  case f8e4m3 = "F8_E4M3"
  case f8e5m2fnuz = "F8_E5M2FNUZ"
  case f8e4m3fnuz = "F8_E4M3FNUZ"
  case f8e8m0 = "F8_E8M0"
  case f6e2m3 = "F6_E2M3"
  case f6e3m2 = "F6_E3M2"
  case f4 = "F4"

  /// The size of an element.
  public var bitWidth: Int {
    switch self {
    case .f4: 4
    case .f6e2m3, .f6e3m2: 6
    case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e5m2fnuz, .f8e4m3fnuz, .f8e8m0: 8
    case .u16, .i16, .f16, .bf16: 16
    case .u32, .i32, .f32: 32
    case .u64, .i64, .f64, .c64: 64
    }
  }

  /// The bytes of a tensor of the given shape; nil where they are more than can be counted, or no whole number.
  ///
  /// A length of 0 does not excuse the others: parts of the shape are multiplied, too.
  func byteCount(of shape: some Sequence<Int>) -> Int? {
    var bits = bitWidth
    var isEmpty = false
    for length in shape {
      if length == 0 { isEmpty = true }
      let (product, overflow) = bits.multipliedReportingOverflow(by: max(1, length))
      if length < 0 || overflow { return nil }
      bits = product
    }
    return isEmpty ? 0 : bits % 8 == 0 ? bits / 8 : nil
  }
}
