// The suite's last line, in a form that any continuous integration can read: "N passed, N failed, N skipped". Before it, the tests
// that passed only when they were tried again: a run with such tests is not the same as one without.
export default class ClosingLine {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    const retried = [];
    for (const module of modules) {
      const cases = [...module.children.allTests()];
      for (const test of cases) {
        const { state, errors: found } = test.result();
        count[state === "passed" ? "passed" : state === "failed" ? "failed" : "skipped"]++;
        if (test.diagnostic()?.flaky)
          retried.push(`retried: ${module.relativeModuleId} > ${test.fullName}: ${found?.[0]?.message.split("\n")[0]}`);
      }
      // A file that does not load has no tests, yet it has failed.
      if (module.state() === "failed" && cases.every((test) => test.result().state !== "failed")) count.failed++;
    }
    if (retried.length > 0) retried.push(`${retried.length} retried`);
    const last = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
    process.on("exit", () => process.stdout.write([...retried, last, ""].join("\n")));
  }
}
