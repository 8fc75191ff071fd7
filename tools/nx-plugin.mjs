// Every package manifest is an Nx project with the same three targets, so a manifest holds only name, exports, dependencies and one layer tag.
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

export const name = "prosopon";

export const createNodesV2 = [
  "{packages,apps}/*/package.json",
  (files, _options, context) =>
    files.map((file) => {
      const root = dirname(file);
      const manifest = JSON.parse(readFileSync(`${context.workspaceRoot}/${file}`, "utf8"));
      const run = (command) => ({ executor: "nx:run-commands", options: { command, cwd: "{workspaceRoot}" } });
      return [
        file,
        {
          projects: {
            [root]: {
              name: manifest.name,
              root,
              tags: manifest.nx?.tags ?? [],
              targets: {
                // A page is bundled besides.
                build: run(
                  `tsc -b ${root}${existsSync(`${context.workspaceRoot}/${root}/build.mjs`) ? ` && node ${root}/build.mjs` : ""}`,
                ),
                test: { ...run(`vitest run --project fast ${root}`), dependsOn: ["build"] },
                lint: run(`biome ci ${root}`),
              },
            },
          },
        },
      ];
    }),
];
