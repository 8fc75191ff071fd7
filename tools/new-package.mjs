// node tools/new-package.mjs NAME LAYER "what it holds" [dependency ...]: a package of the usual form.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [name, layer, description, ...dependencies] = process.argv.slice(2);
const root = `packages/${name}`;
if (!description) throw new Error('node tools/new-package.mjs NAME LAYER "what it holds" [dependency ...]');
if (existsSync(`${root}/package.json`)) throw new Error(`${root} exists`);
mkdirSync(`${root}/src`, { recursive: true });
const write = (file, value) =>
  writeFileSync(`${root}/${file}`, typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`);
const entry = { "@prosopon/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" };
write("package.json", {
  name: `@prosopon/${name}`,
  version: "0.1.0",
  description,
  license: "Apache-2.0",
  type: "module",
  exports: { ".": entry },
  files: ["dist", "!dist/.tsbuildinfo", "!dist/**/*.test.*", "!dist/**/*.full.*", "!dist/**/*.soak.*"],
  dependencies: Object.fromEntries(dependencies.map((d) => [`@prosopon/${d}`, "0.1.0"])),
  nx: { tags: [`layer:${layer}`] },
});
write("tsconfig.json", {
  extends: "../../tsconfig.base.json",
  include: ["src"],
  references: dependencies.map((d) => ({ path: `../${d}` })),
});
write("src/index.ts", "export {};\n");
write("README.md", `# @prosopon/${name}\n\n${description}\n`);
const solution = existsSync("tsconfig.json")
  ? JSON.parse(readFileSync("tsconfig.json", "utf8"))
  : { files: [], references: [] };
solution.references.push({ path: root });
solution.references.sort((a, b) => a.path.localeCompare(b.path));
writeFileSync("tsconfig.json", `${JSON.stringify(solution, null, 2)}\n`);
