import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Manifest, manifests, root } from "./manifests.ts";

const run = promisify(execFile);
const all = manifests().filter((m) => !m.raw["private"]);
const byName = new Map(all.map((m) => [m.name, m]));

/** A package and all of ours that it needs. */
function closure(m: Manifest, seen = new Set<Manifest>()): ReadonlySet<Manifest> {
  if (seen.has(m)) return seen;
  seen.add(m);
  for (const d of Object.keys(m.dependencies)) if (byName.has(d)) closure(byName.get(d)!, seen);
  return seen;
}

let work = "";
const tarballs = new Map<string, string>();

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "prosopon-pack-"));
  await mkdir(join(work, "tarballs"));
  const { stdout } = await run(
    "npm",
    ["pack", "--json", "--workspaces", "--pack-destination", join(work, "tarballs")],
    {
      cwd: root,
      maxBuffer: 2 ** 26,
    },
  );
  const packed: { name: string; filename: string }[] = Object.values(JSON.parse(stdout.slice(stdout.search(/[[{]\n/))));
  for (const { name, filename } of packed) tarballs.set(name, join(work, "tarballs", filename));
});

afterAll(() => rm(work, { recursive: true, force: true }));

test.each(all.map((m) => [m.name, m] as const))("%s installs alone, type-checks and runs its example", async (_, m) => {
  const folder = join(work, m.name.replace("/", "-"));
  await mkdir(folder);
  const readme = await readFile(join(root, m.folder, "README.md"), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  const dependencies = Object.fromEntries([...closure(m)].map((d) => [d.name, `file:${tarballs.get(d.name)}`]));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ type: "module", private: true, dependencies, allowScripts: { "onnxruntime-node": false } }),
  );
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: folder,
    maxBuffer: 2 ** 26,
  });
  const installed = await readdir(join(folder, "node_modules", ...m.name.split("/")));
  expect(installed).toContain("README.md");
  if (m.raw["bin"]) {
    const { stdout } = await run("npx", ["--no", Object.keys(m.raw["bin"] as object)[0]!, "--", "--help"], {
      cwd: folder,
    });
    expect(stdout).toContain("Usage");
    return;
  }
  expect(example, `${m.folder}/README.md needs a complete example in a ts block`).toBeDefined();
  await writeFile(join(folder, "example.ts"), example!);
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        module: "nodenext",
        target: "es2023",
        strict: true,
        skipLibCheck: true,
        lib: ["es2023", "esnext.disposable", "dom"],
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
        rootDir: ".",
      },
      files: ["example.ts"],
    }),
  );
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: folder }).catch(
    (error) => {
      throw new Error(`${m.name}: ${error.stdout}`);
    },
  );
  await run(process.execPath, ["example.js"], { cwd: folder, timeout: 120_000 });
});
