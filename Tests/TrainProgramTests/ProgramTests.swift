import Foundation
import SAMTTestSupport
import Testing

/// The programs as processes: what they print, where they fail, and with which status.
@Suite struct ProgramTests {
  @Test func helpListsCommandsAndEachCommandItsOptions() throws {
    let program = try Program("samt-train")
    for word in ["--help", "-h"] {
      let help = try program.run([word])
      #expect(help.status == 0 && help.errors.isEmpty)
      for command in ["train", "compare"] {
        #expect(help.output.contains("\n  \(command) "))
        let own = try program.run([command, word])
        #expect(own.status == 0 && own.output.contains("--optimizer NAME"))
      }
    }
    for (name, words) in [
      ("samt-train", ["--version"]), ("samt-train", ["train", "--version"]), ("samt-bench", ["--version"]),
    ] {
      let version = try Program(name).run(words)
      #expect(version.status == 0 && version.output.hasPrefix("\(name) "))
    }
    #expect(try Program("samt-bench").run(["-h"]).output.contains("usage: samt-bench"))
  }

  @Test(arguments: ["samt-train --help", "samt-train --version", "samt-bench --help", "samt-bench --list"])
  func outputThatCannotBeWrittenIsAnError(command: String) throws { try expectOutputFailures(command) }

  @Test func trainingsWhoseOutputCannotBeWrittenFail() throws {
    try withTemporaryDirectory { directory in
      try writeSmallCIFAR100(to: directory)
      try expectOutputFailures("samt-train --data cifar100:\(directory.path) --model mlp:2 --epochs 1 --batch 2")
    }
  }

  private func expectOutputFailures(_ command: String) throws {
    let words = command.split(separator: " ", maxSplits: 1)
    let program = try Program(String(words[0]))
    let full = try program.runInShell("\"$0\" \(words[1]) > /dev/full")
    #expect(full.status == 2)
    #expect(full.errors == "\(words[0]): standard output: No space left on device\n")
    let closed = try program.runInShell("\"$0\" \(words[1]) >&-")
    #expect(closed.status == 2)
    #expect(closed.errors == "\(words[0]): standard output: Bad file descriptor\n")
    // The reader has gone before the program begins: nothing is said, whether or not the signal is ignored.
    for trap in ["", "trap '' PIPE; "] {
      let pipe = try program.runInShell(
        "\(trap)exec 3>&1; { sleep 0.2; \"$0\" \(words[1]); echo $? >&3; } | true; exec 3>&-")
      #expect(pipe.output == "141\n" && pipe.errors.isEmpty, "\(pipe)")
    }
  }

  @Test(arguments: [
    (["nonsense"], 64, "expected a command (train, compare"), (["--nonsense"], 64, "unknown option --nonsense"),
    (["train", "--epochs", "0"], 64, "(see samt-train train --help)"), (["--out", ""], 64, "--out: expected a path"),
    (["--out", "/dev/null/below"], 2, "/dev/null is not a directory"),
  ])
  func wrongCommandLinesAreRefused(arguments: [String], status: Int32, part: String) throws {
    let outcome = try Program("samt-train").run(arguments)
    #expect(outcome.status == status && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("samt-train: ") && outcome.errors.contains(part), "\(outcome.errors)")
  }

  @Test(arguments: ["abc", "0", "65", "2x", "-1"]) func threadsOfTheEnvironmentAreRead(text: String) throws {
    for name in ["samt-train", "samt-bench"] {
      let outcome = try Program(name).run(["--threads", "1", "--nonsense"], environment: ["SAMT_THREADS": text])
      #expect(outcome.status == 64)
      let refused = try Program(name).run(name == "samt-bench" ? ["--list"] : [], environment: ["SAMT_THREADS": text])
      #expect(refused.status == 2 && refused.output.isEmpty)
      #expect(refused.errors == "\(name): SAMT_THREADS=\(text): expected a whole number in 1 ... 64\n")
    }
  }

  /// Another user who may have one process: the limit does not hold for the superuser, who alone can become another.
  @Test(.enabled(if: geteuid() == 0)) func noSecondThreadIsNeeded() throws {
    try withTemporaryDirectory { directory in
      try writeSmallIDX(training: 40, to: directory)
      let program = try Program("samt-train")
      let copy = directory.path + "/samt-train"  // where another user can read it
      try FileManager.default.copyItem(atPath: program.url.path, toPath: copy)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
      let outcome = try program.runInShell(
        """
        command -v setpriv prlimit >/dev/null || exit 77
        exec timeout 60 setpriv --reuid=65534 --clear-groups prlimit --nproc=1 \
          '\(copy)' --data '\(directory.path)' --model mlp:4 --batch 4 --epochs 1 --threads 2
        """)
      if outcome.status == 77 { return }  // a system without these programs
      #expect(outcome.status == 0 && outcome.output.contains("test accuracy 0."), "\(outcome)")
    }
  }
}
