import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";

const entry = new URL("../../dist/node/index.js", import.meta.url).href;
const testing = new URL("../../dist/testing.js", import.meta.url).href;

/** Starts Node on the built package. `lines` are what it prints. */
function parent(script: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", `import { createHost } from ${JSON.stringify(entry)};\n${script}`],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env },
    },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return {
    child,
    async lines(count: number): Promise<string[]> {
      while (output.split("\n").length <= count && child.exitCode === null) await wait(10);
      return output.trim().split("\n");
    },
  };
}

const native = `process.report.getReport().sharedObjects.filter((file) => file.includes("onnxruntime")).length`;

test("the parent of a spawned host never loads the runtime's native code", async () => {
  const { lines } = parent(`
    import { hostConformance } from ${JSON.stringify(testing)};
    const host = await createHost();
    await hostConformance()[0].check(host);
    console.log(${native});
    await host[Symbol.asyncDispose]();
    await createHost({ kind: "in-process" });
    console.log(${native} > 0);`);
  expect(await lines(2)).toEqual(["0", "true"]); // the second is the control: the question finds it when it is there
});

test("no host lets the library report to its maker", async () => {
  const folder = await mkdtemp(join(tmpdir(), "prosopon-silence-"));
  const left = async (script: string) => {
    // Without what would silence it anyway.
    const { child } = parent(script, { TMPDIR: folder, ORT_DISABLE_TELEMETRY: undefined, CI: undefined });
    expect((await once(child, "exit"))[0]).toBe(0);
    return (await readdir(folder)).filter((name) => name.startsWith("mat-debug-")).length;
  };
  const check = (kind: string) => `
    import { hostConformance } from ${JSON.stringify(testing)};
    const host = await createHost({ kind: "${kind}" });
    await hostConformance()[0].check(host);
    await host[Symbol.asyncDispose]();`;
  try {
    expect(await left(check("in-process"))).toBe(0);
    expect(await left(check("spawned"))).toBe(0);
    if (process.platform !== "linux") return;
    // The control: left to itself, the library would.
    const control = `await import("onnxruntime-node").then(({ InferenceSession }) => InferenceSession.create(new Uint8Array(1)).catch(() => {}));`;
    expect(await left(control)).toBe(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an idle host does not keep its parent alive", async () => {
  const { child } = parent(`const host = await createHost(); await host.ping();`);
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});

test("a script that closes its host while a reply is on its way ends well", async () => {
  // The reply is read while the host waits for the child's end: were the child let go of then, Node would leave with code 13.
  const { child, lines } = parent(`
    import { tinyModel } from ${JSON.stringify(testing)};
    const two = { shape: [2] };
    const nodes = [{ operator: "Add", inputs: ["x", "x"], outputs: ["y"] }];
    const host = await createHost({ threads: 1 });
    const session = await host.load({ model: tinyModel({ inputs: { x: two }, outputs: { y: two }, nodes }) });
    const running = session.run({ x: { dtype: "float32", shape: [2], data: new Float32Array(2) } }).then(() => "replied", () => "cancelled");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    await host[Symbol.asyncDispose]();
    console.log(await running);`);
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(["replied", "cancelled"]).toContain((await lines(1))[0]);
});

test("a child in the middle of a run dies with its killed parent", async () => {
  const { child, lines } = parent(`
    import { tinyModel } from ${JSON.stringify(testing)};
    const square = { shape: [1024, 1024] };
    const nodes = Array.from({ length: 4000 }, (_, i) => ({ operator: "MatMul", inputs: ["x" + i, "x0"], outputs: ["x" + (i + 1)] }));
    const host = await createHost({ threads: 1 });
    const session = await host.load({ model: tinyModel({ inputs: { x0: square }, outputs: { x4000: square }, nodes }) });
    session.run({ x0: { dtype: "float32", shape: [1024, 1024], data: new Float32Array(1024 * 1024) } });
    let pulse;
    do pulse = await host.ping(); while (pulse.busyMilliseconds < 50);
    console.log(pulse.processId);`);
  const processId = Number((await lines(1))[0]);
  expect(processId).toBeGreaterThan(0);
  kill(processId, 0); // throws when it does not run
  child.kill("SIGKILL");
  await once(child, "exit");
  let alive = true;
  for (let i = 0; alive && i < 100; i++) {
    await wait(50);
    try {
      kill(processId, 0);
    } catch {
      alive = false;
    }
  }
  expect(alive).toBe(false);
});
