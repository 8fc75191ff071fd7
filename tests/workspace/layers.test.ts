import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, type Manifest, manifests, root, sources } from "./manifests.ts";

/** Dependencies that do not lie strictly below; the whole rule of the architecture. */
function violations(all: readonly Manifest[]): readonly string[] {
  const layers = new Map(all.map((m) => [m.name, m.layer]));
  return all.flatMap((m) =>
    Object.keys(m.dependencies)
      .filter((d) => layers.has(d) && !(layers.get(d)! < m.layer))
      .map((d) => `${m.name} (layer ${m.layer}) depends on ${d} (layer ${layers.get(d)})`),
  );
}

test("a package depends only on strictly lower layers", () => {
  const all = manifests();
  expect(all.length).toBeGreaterThan(10);
  expect(all.filter((m) => !Number.isInteger(m.layer)).map((m) => m.name)).toEqual([]);
  expect(violations(all)).toEqual([]);
});

test("the rule refuses a sibling and a higher layer", () => {
  const fake = (name: string, layer: number, ...dependencies: string[]) =>
    ({ name, layer, dependencies: Object.fromEntries(dependencies.map((d) => [d, "*"])) }) as unknown as Manifest;
  expect(violations([fake("a", 1, "b"), fake("b", 1)])).toHaveLength(1);
  expect(violations([fake("a", 1, "b"), fake("b", 2)])).toHaveLength(1);
  expect(violations([fake("a", 2, "b"), fake("b", 1)])).toHaveLength(0);
});

test("a source imports only what its own manifest names", () => {
  const wrong = manifests().flatMap((m) =>
    sources(`${m.folder}/src`)
      .filter((file) => !/\.(test|full|soak)\.tsx?$/.test(file))
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(
        ({ name }) =>
          name !== m.name && !(name in m.dependencies) && !(name in ((m.raw["peerDependencies"] as object) ?? {})),
      )
      .map(({ file, name }) => `${file} imports ${name}`),
  );
  expect(wrong).toEqual([]);
});

test("the diagram of the architecture shows these dependencies", () => {
  const short = (name: string) => name.replace("@prosopon/", "");
  const depends = new Map(
    manifests().map(({ name, dependencies }) => [
      short(name),
      Object.keys(dependencies)
        .filter((one) => one.startsWith("@prosopon/") && one !== "@prosopon/errors")
        .map(short),
    ]),
  );
  const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const drawn = new Map(
    [...page.matchAll(/^ {2}([\w-]+) --> (.+)$/gm)].map(([, from, to]) => [
      from!,
      to!.split(" & ").map((name) => (name === "graphs" ? "graph" : name)),
    ]),
  );
  const below = (name: string, arrows: ReadonlyMap<string, readonly string[]>): readonly string[] =>
    [...new Set((arrows.get(name) ?? []).flatMap((next) => [next, ...below(next, arrows)]))].toSorted();
  for (const name of depends.keys()) expect(below(name, drawn), name).toEqual(below(name, depends));
});

test("third parties stay at the edge", () => {
  const only: Readonly<Record<string, RegExp>> = {
    "onnxruntime-node": /^packages\/runtime\/src\/node/,
    // A test of the package itself walks the imports of its portable entry.
    sharp: /^packages\/media\/src\/(encode|rasterize|read)/,
    echarts: /^packages\/media\/src\//,
    "fluent-ffmpeg": /^packages\/media\/src\/ffmpeg/,
    bullmq: /^packages\/jobs\/src\/redis\//,
    ioredis: /^packages\/jobs\/src\/(redis|testing)\//,
    graphql: /^(apps\/gateway|packages\/client)\/src\//,
  };
  const wrong = manifests().flatMap((m) =>
    sources(`${m.folder}/src`)
      .filter((file) => !/\.(test|full|soak)\.tsx?$/.test(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => only[name] && !only[name].test(file))
          .map((name) => `${file} imports ${name}`),
      ),
  );
  expect(wrong).toEqual([]);
});
