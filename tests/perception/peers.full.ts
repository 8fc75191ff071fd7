import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { toPlanar } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { type Expert, scope } from "@prosopon/nn";
import {
  createLpips,
  efficientNet,
  inceptionV3,
  iresnet,
  type LpipsTrunk,
  lpipsDistance,
  lpipsParameters,
} from "@prosopon/perception";
import { type Host, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { openCheckpoint, openWeights, writeWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashed, hashedImage, hashedWeights } from "./hashed-weights.ts";

// Values of PyTorch implementations on the same made-up weights: tools/peer-values.py.
const peers = JSON.parse(readFileSync(new URL("./peer-values.json", import.meta.url), "utf8")) as {
  readonly lpips: Readonly<Record<string, readonly number[]>>;
  readonly inception: { readonly pooled: readonly number[]; readonly logits: readonly number[] };
} & Readonly<Record<string, readonly number[]>>;

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

function lpipsWeights(trunk: LpipsTrunk): Record<string, Tensor> {
  const g = graph();
  const place = scope(g);
  const image = input(g, "image", "float32", [1, 3, 64, 64]);
  lpipsDistance(place, image, image, trunk);
  return hashedWeights(place.parameters.values());
}

/** Largest difference, over the largest value. */
function deviation(found: ArrayLike<number>, expected: readonly number[]): number {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((v, i) => Math.abs(v - found[i]!))) / scale;
}

describe("LPIPS against the package lpips", () => {
  test.each(["alex", "vgg", "squeeze"] as const)("%s", async (trunk) => {
    await using judge = createLpips({ host, trunk, parameters: lpipsWeights(trunk) });
    for (const side of [64, 67]) {
      const [a, b] = ["first", "second"].map((name) => hashedImage(name, [2, 3, side, side]));
      expect(deviation(await judge.distances(a!, b!), peers.lpips[`${trunk} ${side}`]!)).toBeLessThan(1e-5);
      expect(await judge.distances(a!, a!)).toEqual([0, 0]);
    }
  });

  test("weights in the layouts that are about give the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lpips-"));
    try {
      const weights = lpipsWeights("alex");
      const torchvision = join(folder, "torchvision.safetensors");
      const whole = join(folder, "module.safetensors");
      const [body, heads] = [true, false].map((trunk) =>
        Object.entries(weights).filter(([name]) => name.startsWith("features.") === trunk),
      );
      await writeWeights(torchvision, new Map([...body!, ["classifier.1.weight", tensor("float32", [1])]]));
      // As `lpips.LPIPS` names them.
      const stage: Record<string, number> = { 0: 1, 3: 2, 6: 3, 8: 4, 10: 5 };
      await writeWeights(
        whole,
        new Map([
          ...body!.map(([name, value]) => {
            const [, index, what] = name.split(".");
            return [`net.slice${stage[index!]}.${index}.${what}`, value] as const;
          }),
          ...heads!.map(([name, value]) => [name.replace(/^lin(\d)/, "lins.$1"), value] as const),
        ]),
      );
      await using one = await openWeights(whole);
      const found = await lpipsParameters("alex", { trunk: one });
      for (const [name, value] of Object.entries(weights))
        expect(found[name]!.data.every((v, i) => v === value.data[i])).toBe(true);
      await using other = await openWeights(torchvision);
      await expect(lpipsParameters("alex", { trunk: other })).rejects.toMatchObject({ code: "not-found" });
      const both = await lpipsParameters("alex", { trunk: other, heads: one });
      expect(Object.keys(both).toSorted()).toEqual(Object.keys(weights).toSorted());
      // Heads of another trunk have other shapes.
      const strange = { names: one.names, read: async () => tensor("float32", [2]) };
      await expect(lpipsParameters("alex", { trunk: other, heads: strange })).rejects.toMatchObject({
        code: "bad-file",
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const data = process.env["PROSOPON_DATA"] ?? "../shared/data";
  test.skipIf(!existsSync(join(data, "experts/lpips_v0.1_alex_lin.pth")))(
    "the published heads load, and judge the authors' own three pictures (skipped where the data are absent)",
    async () => {
      const known = JSON.parse(readFileSync(join(data, "experts/lpips_v0.1_lin.json"), "utf8"));
      for (const trunk of ["alex", "vgg", "squeeze"] as const) {
        await using heads = await openCheckpoint(join(data, `experts/lpips_v0.1_${trunk}_lin.pth`));
        const weights = lpipsWeights(trunk);
        const names = Object.keys(weights).filter((name) => name.startsWith("features."));
        const body = { names, read: async (name: string) => weights[name]! };
        const parameters = await lpipsParameters(trunk, { trunk: body, heads: heads.stateDict });
        const lists = known[trunk] as Record<string, number[]>;
        for (const [name, values] of Object.entries(lists))
          expect(Array.from(parameters[name]!.data as Float32Array)).toEqual(values);
        await using judge = createLpips({ host, trunk, parameters });
        const [reference, p0, p1] = await Promise.all(
          ["ex_ref", "ex_p0", "ex_p1"].map(async (name) => {
            const picture = await readImage(join(data, `reference/${name}.png`));
            return tensor("float32", [1, 3, picture.height, picture.width], toPlanar(picture));
          }),
        );
        const [far] = await judge.distances(reference!, p0!);
        const [near] = await judge.distances(reference!, p1!);
        // The trunk is made up: only that the numbers are sound can be asked, not which picture is nearer.
        expect(far).toBeGreaterThan(0);
        expect(near).toBeGreaterThan(0);
      }
    },
  );
});

test("Inception-v3 of the FID against torch-fidelity", async () => {
  const g = graph();
  const place = scope(g);
  const { pooled, logits } = inceptionV3(place, input(g, "image", "float32", [2, 3, 128, 100]));
  output(g, "pooled", pooled);
  output(g, "logits", logits);
  const parameters = hashedWeights(place.parameters.values());
  await using session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  const pixels = Float32Array.from(hashed("pixels", 2 * 3 * 128 * 100), (v) => Math.floor((v + 0.5) * 256));
  const found = await session.run({ image: tensor("float32", [2, 3, 128, 100], pixels) });
  const rows = (name: string, size: number) => {
    const values = tensorOf(found, name).data as Float32Array;
    return [...values.subarray(0, 64), ...values.subarray(size, size + 64)];
  };
  expect(deviation(rows("pooled", 2048), peers.inception.pooled)).toBeLessThan(1e-4);
  expect(deviation(rows("logits", 1008), peers.inception.logits)).toBeLessThan(1e-4);
});

const experts: readonly (readonly [Expert, number])[] = [
  [efficientNet({ size: "b0", classes: 8 }), 224],
  [efficientNet({ size: "b2", classes: 7 }), 260],
  [iresnet({ depth: "r18" }), 112],
  [iresnet({ depth: "r50" }), 112],
];

test.each(experts)("$name against timm or insightface's definition", async (expert, side) => {
  const g = graph();
  const place = scope(g);
  const image = input(g, "image", "float32", [1, 3, side, side]);
  output(g, "answer", expert.features(place, expert.preprocess(image)).at(-1)!);
  const parameters = hashedWeights(place.parameters.values());
  await using session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  const found = tensorOf(await session.run({ image: hashedImage("face", [1, 3, side, side]) }), "answer");
  expect(deviation(found.data as Float32Array, peers[expert.name]!)).toBeLessThan(1e-4);
});
