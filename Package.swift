// swift-tools-version: 6.1
import PackageDescription

// Debug builds compile C without optimization, which makes these kernels some 70 times slower. Where this package is
// the one being built, they are optimized in debug too; as a dependency it may not carry unsafe flags, and does not.
let isDependency = Context.packageDirectory.contains("/checkouts/")
let optimizedKernels: [CSetting] = isDependency ? [] : [.unsafeFlags(["-O3"], .when(configuration: .debug))]

let package = Package(
  name: "SAMT",
  platforms: [.macOS(.v14)],
  products: [
    .library(name: "SAMT", targets: ["SAMT"]),
    .executable(name: "samt-train", targets: ["samt-train"]),
    .executable(name: "samt-bench", targets: ["samt-bench"]),
    .executable(name: "example-regression", targets: ["example-regression"]),
    .executable(name: "example-layer", targets: ["example-layer"]),
    .executable(name: "example-algorithm", targets: ["example-algorithm"]),
    .executable(name: "example-kernels", targets: ["example-kernels"]),
  ],
  targets: [
    .target(name: "CKernels", path: "CKernels", exclude: ["conv/README.md"], cSettings: optimizedKernels),
    .target(name: "SAMT", dependencies: ["CKernels"]),
    .target(name: "CommandLineOptions", dependencies: ["SAMT"]),
    .executableTarget(name: "samt-train", dependencies: ["SAMT", "CommandLineOptions"]),
    .executableTarget(
      name: "samt-bench", dependencies: ["SAMT", "CKernels", "CommandLineOptions"], path: "Benchmarks/samt-bench"),
    .executableTarget(name: "example-regression", dependencies: ["SAMT"], path: "Sources/Examples/Regression"),
    .executableTarget(name: "example-layer", dependencies: ["SAMT"], path: "Sources/Examples/Layer"),
    .executableTarget(name: "example-algorithm", dependencies: ["SAMT"], path: "Sources/Examples/Algorithm"),
    .executableTarget(name: "example-kernels", dependencies: ["SAMT"], path: "Sources/Examples/Kernels"),
    .target(
      name: "CKernelsConformance", dependencies: ["CKernels"], path: "Tests/CKernelsConformance",
      exclude: ["main"], cSettings: optimizedKernels),
    .target(name: "SAMTTestSupport", dependencies: ["SAMT"], path: "Tests/SAMTTestSupport"),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "CKernelsConformance"]),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "SAMTTests", dependencies: ["SAMT", "SAMTTestSupport", "AllocationCounter"],
      exclude: [
        "Golden/architectures.py", "Golden/eta_model.py", "Golden/hundred_steps.py", "Golden/interchange.py",
        "Golden/large_gradients.py", "Golden/layers.py", "Golden/losses.py", "Golden/mdlam.py", "Golden/metrics.py",
        "Golden/minibatch_rules.py", "Golden/norm_rules.py", "Golden/numpy_files.py", "Golden/optimizers.py",
        "Golden/replay.py", "Golden/resizing.py", "Golden/swift_source.py", "Golden/tables.py", "State/Safetensors",
      ]),
    .testTarget(name: "TrainProgramTests", dependencies: ["samt-train", "CommandLineOptions", "SAMTTestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
