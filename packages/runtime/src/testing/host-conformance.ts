import { isProsoponError } from "@prosopon/errors";
import { type DType, scalar, type Tensor, tensor } from "@prosopon/graph";
import type { Host } from "../host.ts";
import { handleOf, tensorOf } from "../outputs.ts";
import { tinyModel } from "../tiny-model.ts";

/** One property that every host has. `check` throws when this one has not. */
export interface HostCase {
  readonly name: string;
  check(host: Host): Promise<void>;
}

const row = { shape: [1, 2] };
const x = tensor("float32", [1, 2], [1, 2]);
const w = tensor("float32", [2, 2], [1, 2, 3, 4]);
const product = [{ operator: "MatMul", inputs: ["x", "w"], outputs: ["y"] }];
/** y = x w, with w bound to the model. */
const baked = tinyModel({ inputs: { x: row }, outputs: { y: row }, nodes: product });
/** y = x w, with both fed. */
const open = tinyModel({ inputs: { x: row, w: { shape: [2, 2] } }, outputs: { y: row }, nodes: product });
/** negative = -x and twice = x + x. */
const forked = tinyModel({
  inputs: { x: row },
  outputs: { negative: row, twice: row },
  nodes: [
    { operator: "Neg", inputs: ["x"], outputs: ["negative"] },
    { operator: "Add", inputs: ["x", "x"], outputs: ["twice"] },
  ],
});
const samples: readonly Tensor[] = [
  scalar(1.5),
  tensor("float32", [0, 3]),
  tensor("float64", [2], [1e-300, -2]),
  tensor("float16", [2], [0x3c00, 0xc000]),
  tensor("int64", [2], BigInt64Array.of(2n ** 60n, -1n)),
  tensor("int32", [1, 2], [-7, 2 ** 31 - 1]),
  tensor("int16", [2], [-7, 32767]),
  tensor("int8", [2], [-7, 127]),
  tensor("uint8", [2], [0, 255]),
  tensor("bool", [3], [0, 1, 0]),
];

/** What every host does, whatever its device and kind. Run each case on one shared host or on fresh ones. */
export function hostConformance(): readonly HostCase[] {
  return [
    {
      name: "describes a program and computes it",
      async check(host) {
        await using session = await host.load({ model: open });
        same(session.inputs, [
          { name: "x", dtype: "float32", shape: [1, 2] },
          { name: "w", dtype: "float32", shape: [2, 2] },
        ]);
        same(session.outputs, [{ name: "y", dtype: "float32", shape: [1, 2] }]);
        equal(tensorOf(await session.run({ x, w }), "y"), tensor("float32", [1, 2], [7, 10]));
      },
    },
    {
      name: "bakes parameters in as initializers",
      async check(host) {
        await using session = await host.load({ model: baked, parameters: { w } });
        same(session.inputs, [{ name: "x", dtype: "float32", shape: [1, 2] }]);
        equal(tensorOf(await session.run({ x }), "y"), tensor("float32", [1, 2], [7, 10]));
      },
    },
    {
      name: "feeds parameters that are inputs, unless the run feeds them",
      async check(host) {
        await using session = await host.load({ model: open, parameters: { w }, bind: "inputs" });
        same(session.inputs, [{ name: "x", dtype: "float32", shape: [1, 2] }]);
        equal(tensorOf(await session.run({ x }), "y"), tensor("float32", [1, 2], [7, 10]));
        const other = await host.put(tensor("float32", [2, 2], [1, 0, 0, 1]));
        equal(tensorOf(await session.run({ x, w: other }), "y"), x);
        host.release(other);
        equal(tensorOf(await session.run({ x }), "y"), tensor("float32", [1, 2], [7, 10]));
      },
    },
    ...samples.map((sample) => ({
      name: `carries ${sample.dtype} [${sample.shape}] there and back`,
      async check(host: Host) {
        const handle = await host.put(sample);
        same([handle.dtype, handle.shape], [sample.dtype, sample.shape]);
        equal(await host.read(handle), sample);
        host.release(handle);
      },
    })),
    ...(["float32", "int64", "int32", "bool"] satisfies DType[]).map((dtype) => ({
      name: `runs on ${dtype}`,
      async check(host: Host) {
        const value = { dtype, shape: [2] };
        const model = tinyModel({
          inputs: { x: value },
          outputs: { y: value },
          nodes: [{ operator: "Identity", inputs: ["x"], outputs: ["y"] }],
        });
        await using session = await host.load({ model });
        const sample = tensor(dtype, [2], [1, 0]);
        equal(tensorOf(await session.run({ x: sample }), "y"), sample);
      },
    })),
    {
      name: "keeps named outputs as handles that feed other sessions",
      async check(host) {
        await using first = await host.load({ model: forked });
        await using second = await host.load({ model: open });
        const outputs = await first.run({ x }, { keep: ["twice"] });
        equal(tensorOf(outputs, "negative"), tensor("float32", [1, 2], [-1, -2]));
        const twice = handleOf(outputs, "twice");
        same(twice.shape, [1, 2]);
        equal(tensorOf(await second.run({ x: twice, w }), "y"), tensor("float32", [1, 2], [14, 20]));
        const running = second.run({ x: twice, w });
        host.release(twice); // as soon as the run was asked for
        equal(tensorOf(await running, "y"), tensor("float32", [1, 2], [14, 20]));
        await refuses("bad-input", () => host.read(twice));
        await refuses("bad-input", () => second.run({ x: twice, w }));
        host.release(twice);
      },
    },
    {
      name: "copies what it is given and gives",
      async check(host) {
        const mine = tensor("float32", [2], [1, 2]);
        const handle = await host.put(mine);
        mine.data[0] = 9;
        const first = await host.read(handle);
        equal(first, tensor("float32", [2], [1, 2]));
        first.data[0] = 9;
        equal(await host.read(handle), tensor("float32", [2], [1, 2]));
        host.release(handle);
      },
    },
    {
      name: "computes only the outputs asked for",
      async check(host) {
        await using session = await host.load({ model: forked });
        same(Object.keys(await session.run({ x }, { outputs: ["twice"] })), ["twice"]);
        await refuses("bad-input", () => session.run({ x }, { outputs: ["thrice"] }));
        await refuses("bad-input", () => session.run({ x }, { outputs: ["twice"], keep: ["negative"] }));
      },
    },
    {
      name: "refuses feeds that do not fit",
      async check(host) {
        await using session = await host.load({ model: open });
        await refuses("bad-input", () => session.run({ x }), "w");
        await refuses("bad-input", () => session.run({ x, w, z: x }), "z");
        await refuses("bad-input", () => session.run({ x: w, w }), "[2,2]");
        await refuses("bad-input", () => session.run({ x: tensor("int32", [1, 2]), w }), "int32");
        equal(tensorOf(await session.run({ x, w }), "y"), tensor("float32", [1, 2], [7, 10]));
      },
    },
    {
      name: "refuses bytes that are no model and a model whose parameter is missing",
      async check(host) {
        await refuses("bad-graph", () => host.load({ model: Uint8Array.of(1, 2, 3) }));
        await refuses("bad-graph", () => host.load({ model: baked }));
      },
    },
    {
      name: "refuses a file that is absent and a range that does not fit its shape",
      async check(host) {
        const range = { file: "no/such/file", offset: 0, length: 16, dtype: "float32", shape: [2, 2] } as const;
        await refuses("not-found", () => host.load({ model: baked, parameters: { w: range } }), "no/such/file");
        await refuses("bad-input", () => host.load({ model: baked, parameters: { w: { ...range, length: 15 } } }));
      },
    },
    {
      name: "heeds a signal",
      async check(host) {
        await using session = await host.load({ model: open });
        const signal = AbortSignal.abort();
        await refuses("cancelled", () => session.run({ x, w }, { signal }));
        await refuses("cancelled", () => host.load({ model: open }, { signal }));
        equal(tensorOf(await session.run({ x, w }), "y"), tensor("float32", [1, 2], [7, 10]));
      },
    },
    {
      name: "shares a session under a key and opens old ones again",
      async check(host) {
        const load = (n: number) =>
          host.load(
            { model: baked, parameters: { w: tensor("float32", [2, 2], [n, 0, 0, n]) } },
            { key: `times ${n}` },
          );
        const sessions = await Promise.all(Array.from({ length: 20 }, (_, n) => load(n)));
        for (const n of [0, 19, 0, 7]) {
          equal(tensorOf(await sessions[n]!.run({ x }), "y"), tensor("float32", [1, 2], [n, 2 * n]));
          await using again = await load(n);
          equal(tensorOf(await again.run({ x }), "y"), tensor("float32", [1, 2], [n, 2 * n]));
        }
        await refuses("bad-input", () => host.load({ model: open }, { key: "times 1" }), "times 1");
      },
    },
    {
      name: "refuses to run a closed session",
      async check(host) {
        const session = await host.load({ model: open });
        await session[Symbol.asyncDispose]();
        await refuses("bad-input", () => session.run({ x, w }));
      },
    },
  ];
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, v) =>
    typeof v === "bigint" ? `${v}n` : ArrayBuffer.isView(v) ? [...(v as Uint8Array)] : v,
  );

function same(actual: unknown, expected: unknown): void {
  if (shown(actual) !== shown(expected)) throw new Error(`expected ${shown(expected)}, got ${shown(actual)}`);
}

/** Devices may round differently: floating point numbers agree to 1e-5. */
function equal(actual: Tensor, expected: Tensor): void {
  same([actual.dtype, actual.shape, actual.data.length], [expected.dtype, expected.shape, expected.data.length]);
  same(actual.data.constructor.name, expected.data.constructor.name);
  const close = expected.data.every((value, i) =>
    expected.dtype.startsWith("float")
      ? Math.abs(Number(value) - Number(actual.data[i])) <= 1e-5 * Math.max(1, Math.abs(Number(value)))
      : value === actual.data[i],
  );
  if (!close) same(actual, expected);
}

async function refuses(code: string, work: () => Promise<unknown>, mention = ""): Promise<void> {
  const outcome = await work().then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (!isProsoponError(outcome) || outcome.code !== code || !outcome.message.includes(mention))
    throw new Error(`expected an error "${code}" that names "${mention}", got ${outcome}`);
}
