// Written by metrics.py; do not edit.

/// Metrics by name; for values, with each offset that is added to predictions and targets.
enum MetricGolden {
  static let classification: [String: Double] = [
    "accuracy": 0.13043478260869565,
    "top2Accuracy": 0.34782608695652173,
    "top3Accuracy": 0.5217391304347826,
    "precision": 0.13333333333333333,
    "precision.0": 0.16666666666666666,
    "precision.1": 0.25,
    "precision.2": 0.25,
    "precision.3": 0.0,
    "precision.4": 0.0,
    "recall": 0.10666666666666666,
    "recall.0": 0.16666666666666666,
    "recall.1": 0.2,
    "recall.2": 0.16666666666666666,
    "recall.3": 0.0,
    "recall.4": 0.0,
    "f1": 0.11777777777777776,
    "f1.0": 0.16666666666666666,
    "f1.1": 0.2222222222222222,
    "f1.2": 0.2,
    "f1.3": 0.0,
    "f1.4": 0.0,
  ]
  /// Row-major: labels, predictions.
  static let confusion = [1, 0, 1, 1, 3, 0, 1, 2, 1, 1, 2, 2, 1, 1, 0, 3, 1, 0, 0, 2, 0, 0, 0, 0, 0]
  static let binary: [String: Double] = [
    "accuracy": 0.5362318840579711
  ]
  static let regression: [Double: [String: Double]] = [
    0.0: [
      "mae": 0.3632033349055311,
      "rmse": 0.4479531784815476,
      "r2": 0.8190995446879584,
    ],
    1000.0: [
      "mae": 0.36320606176403986,
      "rmse": 0.44795801786582184,
      "r2": 0.819094367409955,
    ],
    1000000.0: [
      "mae": 0.36684782608695654,
      "rmse": 0.4502540546936984,
      "r2": 0.8180890210900512,
    ],
  ]
}
