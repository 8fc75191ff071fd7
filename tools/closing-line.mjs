// The suite's last line, in a form that any continuous integration can read: "N passed, N failed, N skipped".
export default class ClosingLine {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const cases = [...module.children.allTests()];
      for (const test of cases) {
        const { state } = test.result();
        count[state === "passed" ? "passed" : state === "failed" ? "failed" : "skipped"]++;
      }
      // A file that does not load has no tests, yet it has failed.
      if (module.state() === "failed" && cases.every((test) => test.result().state !== "failed")) count.failed++;
    }
    process.on("exit", () =>
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`),
    );
  }
}
