// Bundles the page into dist/page: one script, one worklet, one style sheet, one document; nothing is loaded from elsewhere.
import { cpSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("dist/page");
const fresh = here(`dist/page.${process.pid}`);
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
await build({
  entryPoints: { app: here("src/app.tsx"), microphone: here("src/sound/microphone-worklet.ts") },
  outdir: fresh,
  bundle: true,
  minify: true,
  sourcemap: false,
  legalComments: "linked",
  format: "esm",
  target: ["chrome114", "firefox117", "safari16.4"],
  conditions: ["@prosopon/source", "browser"],
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
cpSync(here("page"), fresh, { recursive: true });
rmSync(target, { recursive: true, force: true });
renameSync(fresh, target);
