// What a process and its children opened and whom they called, as strace tells it.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** The command in front of a program that writes its opens, starts and connections into `file`. */
export const strace = (file) => [
  "strace",
  "-f",
  "-qq",
  "--seccomp-bpf",
  "-s",
  "400",
  "-e",
  "trace=open,openat,openat2,creat,connect,unlink,unlinkat,rename,renameat,renameat2",
  "-o",
  file,
];

/** Parts of the system that programs read to start: libraries, the processor, the clock. */
const system = [
  /^\/(usr\/)?lib(64)?\//,
  /^\/usr\/(local\/)?(bin|share)\//,
  /^\/etc\/(ld\.so\.|localtime|nsswitch)/,
  /^\/(proc|sys)\//,
  /^\/dev\/(null|urandom|zero|tty)$/,
];

/**
 * Reads a trace from byte `from` on. @param own Folders (or beginnings of their names, with a hyphen at the end) in which anything is allowed. @param code Folders that may be read.
 * @returns what was opened or changed elsewhere, and every connection to the network.
 */
export async function readTrace(file, { from = 0, own, code }) {
  const opened = new Set();
  const called = new Set();
  let lines = 0;
  const begun = new Map();
  for await (const part of createInterface({ input: createReadStream(file, { start: from }) })) {
    lines++;
    // A call that another process's line came between stands on two lines.
    const [, process, text] = /^(\d+)\s+(.*)$/.exec(part) ?? [];
    if (text === undefined) continue;
    if (text.endsWith("<unfinished ...>")) {
      begun.set(process, text.slice(0, -16));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const line = resumed === undefined ? text : `${begun.get(process) ?? ""}${resumed}`;
    if (/\bconnect\(/.test(line)) {
      if (/sa_family=AF_INET6?/.test(line)) called.add(line.slice(0, 160));
      continue;
    }
    const [, call, rest] =
      /\b(open|openat|openat2|creat|unlink|unlinkat|rename|renameat|renameat2)\((.*)$/.exec(line) ?? [];
    if (!call || / = -1 /.test(rest)) continue;
    const writes = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(rest) || !call.startsWith("open");
    for (const [, path] of rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)) {
      if (!path.startsWith("/")) continue;
      const within = (folders) =>
        folders.some((folder) => path === folder || path.startsWith(folder.endsWith("-") ? folder : `${folder}/`));
      const allowed =
        within(own) || (!writes && (within(code) || system.some((one) => one.test(path)))) || path === "/dev/null";
      if (!allowed) opened.add(`${writes ? "wrote" : "read"} ${path}`);
    }
  }
  return { opened: [...opened], called: [...called], lines };
}
