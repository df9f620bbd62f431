import Testing

@testable import SAMT

@Suite struct PNMFileTests {
  private func read(_ bytes: [UInt8]) throws(SAMTError) -> Tensor {
    try PNMFile(DataStream(bytes: bytes, path: "picture")).pixels
  }

  private func read(_ header: String, _ samples: [UInt8] = []) throws(SAMTError) -> Tensor {
    try read(Array(header.utf8) + samples)
  }

  @Test func greyPicturesAreRead() throws {
    let expected: [Float] = [0, 0.2, 1, 0.4, 0.6, 0.8]
    let binary = try read("P5 3 2 255\n", [0, 51, 255, 102, 153, 204])
    #expect(binary.shape == [1, 2, 3])
    #expect(binary.elements == expected)
    let text = try read("P2\n# by hand\n3 2 # wide\n5\n0 1 5 2 3\n\n4 # the end\n")
    #expect(text.shape == [1, 2, 3])
    #expect(text.elements == expected)
  }

  @Test func coloursAreChannels() throws {
    let binary = try read("P6\n2 1\n255\n", [255, 0, 51, 0, 255, 102])
    #expect(binary.shape == [3, 1, 2])
    #expect(binary.elements == [1, 0, 0, 1, 0.2, 0.4])
    #expect(try read("P3 2 1 5 5 0 1 0 5 2").elements == binary.elements)
  }

  @Test func wideSamplesHaveTheirHighByteFirst() throws {
    #expect(try read("P5 2 1 65535\n", [0xff, 0xff, 0x33, 0x33]).elements == [1, 0.2])
    #expect(try read("P5 1 1 256\n", [0x01, 0x00]).elements == [1])
  }

  struct Malformed: Sendable, CustomTestStringConvertible {
    let header: String
    var samples: [UInt8] = []
    let parts: [String]
    var testDescription: String { header }
  }

  @Test(arguments: [
    Malformed(header: "", parts: ["empty"]),
    Malformed(header: "P4 1 1\n", samples: [0], parts: ["expected PGM or PPM"]),
    Malformed(header: "GIF89a", parts: ["found GIF", "magick in.gif out.ppm"]),
    Malformed(header: "P5", parts: ["number of columns"]),
    Malformed(header: "P5 2", parts: ["number of rows"]),
    Malformed(header: "P5 0 1 255\n", parts: ["number of columns", "found 0"]),
    Malformed(header: "P5 1 1 65536\n", samples: [0, 0], parts: ["largest sample", "65535"]),
    Malformed(header: "P5 99999999999999999999 1 255\n", parts: ["number of columns", "larger"]),
    Malformed(header: "P5 2 2 255\n", samples: [1, 2, 3], parts: ["truncated", "expected 4 samples"]),
    Malformed(header: "P5 2 2 255\n", samples: [1, 2, 3, 4, 5], parts: ["after the end"]),
    Malformed(header: "P5 2 1 100\n", samples: [100, 101], parts: ["at most 100", "found 101"]),
    Malformed(header: "P2 2 1 100 7 101", parts: ["a sample", "0 to 100"]),
    Malformed(header: "P2 2 1 100 7   ", parts: ["expected a sample"]),
    Malformed(header: "P2 2 1 100 7 8 9", parts: ["after the end"]),
    Malformed(header: "P5 1 1 255", parts: ["white space"]),
  ])
  func malformedPicturesAreRefused(_ picture: Malformed) {
    expectDatasetError(at: "picture", picture.parts) { try read(picture.header, picture.samples) }
  }

  @Test func otherFormatsAreToldApart() {
    expectDatasetError(at: "picture", ["found PNG", "magick in.png out.ppm"]) {
      try read([0x89] + Array("PNG\r\n".utf8))
    }
    expectDatasetError(at: "picture", ["found JPEG", "magick in.jpeg out.ppm"]) { try read([0xff, 0xd8, 0xff, 0xe0]) }
  }
}
