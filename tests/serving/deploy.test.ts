import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { serveCommand } from "../../apps/cli/src/commands/serve.ts";
import { workerCommand } from "../../apps/cli/src/commands/worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const dockerfile = text("deploy/Dockerfile");
const unit = text("deploy/prosopon.service");

/** Options that a command line has and the command does not know. */
function unknown([name, ...words]: readonly string[]): readonly string[] {
  const make = { serve: serveCommand, worker: workerCommand }[name ?? ""];
  if (!make) return [String(name)];
  const { operands, unknown: wrong } = make({} as Parameters<typeof make>[0]).parseOptions([...words]);
  return [...operands, ...wrong];
}
/** Variables named in a text that no source file reads. */
function unread(given: string): readonly string[] {
  const known = ["apps/cli/src/serve/serve-config.ts", "apps/cli/src/model-folders.ts"].map(text).join("\n");
  return [...new Set(given.match(/PROSOPON_[A-Z_]+/g))].filter((name) => !known.includes(name));
}

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly args?: Record<string, string> };
  readonly command?: readonly string[];
  readonly image?: string;
  readonly depends_on?: Record<string, unknown>;
  readonly volumes?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}
const compose = parse(text("deploy/compose.yaml"), { merge: true }) as Compose;

test("the Dockerfile is valid, starts what is there and copies no build of this machine", () => {
  expect(validate(dockerfile)).toEqual([]);
  // The control: the validator finds what Docker would refuse.
  expect(validate(`${dockerfile}\nEXPOSE nothing`)).not.toEqual([]);
  const [, entry] = /ENTRYPOINT (\[.*\])/.exec(dockerfile) ?? [];
  const program = (JSON.parse(entry ?? "[]") as string[]).at(-1) ?? "";
  expect(existsSync(`${root}${program}`), program).toBe(true);
  expect(unknown(JSON.parse(/\nCMD (\[.*\])/.exec(dockerfile)?.[1] ?? "[]"))).toEqual([]);
  const [, script = ""] = /node (node_modules\/\S+)/.exec(dockerfile) ?? [];
  expect(existsSync(`${root}${script}.js`), script).toBe(true);
  expect(unread(dockerfile)).toEqual([]);
  expect(text(".dockerignore").split("\n")).toEqual(expect.arrayContaining([".git", "**/node_modules", "**/dist"]));
});

test("the compose file names services, volumes, build files and options that exist", () => {
  const { services, volumes } = compose;
  expect(Object.keys(services)).toEqual(["redis", "gateway", "worker", "worker-cuda"]);
  for (const [name, { build, command, depends_on, volumes: mounts = [] }] of Object.entries(services)) {
    for (const needed of Object.keys(depends_on ?? {})) expect(services, name).toHaveProperty(needed);
    for (const mount of mounts) expect(volumes, name).toHaveProperty(mount.split(":")[0] ?? "");
    if (!build) continue;
    expect(existsSync(`${root}deploy/${build.context}/${build.dockerfile}`), name).toBe(true);
    for (const argument of Object.keys(build.args ?? {})) expect(dockerfile).toContain(`ARG ${argument}`);
    expect(unknown(command ?? []), name).toEqual([]);
  }
  expect(unread(text("deploy/compose.yaml"))).toEqual([]);
  // The controls: a wrong option, a wrong variable.
  expect(unknown(["serve", "--no-workers"])).toEqual(["--no-workers"]);
  expect(unread("PROSOPON_REDDIS")).toEqual(["PROSOPON_REDDIS"]);
});

test("the systemd unit starts what is there", ({ skip }) => {
  const [, program = "", ...words] = (/ExecStart=(.*)/.exec(unit)?.[1] ?? "").split(" ");
  expect(existsSync(`${root}${program}`), program).toBe(true);
  expect(unknown(words)).toEqual([]);
  expect(unread(unit)).toEqual([]);
  if (!existsSync("/usr/bin/systemd-analyze") || !existsSync("/usr/bin/node")) skip("there is no systemd-analyze here");
  execFileSync("systemd-analyze", ["verify", `${root}deploy/prosopon.service`], { stdio: "pipe" });
});
