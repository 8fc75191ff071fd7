import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * A child process that answers every line of JSON with one. Its first line tells that it is ready, and what it is.
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} env
 */
export async function lineChild(command, args, env) {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let lastWords = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  child.stdin.on("error", () => {});
  const failure = new Promise((_, reject) => {
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`${command} ended with ${code}: ${lastWords.trim()}`)));
  });
  failure.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await Promise.race([lines.next(), failure]);
    return line.done ? failure : JSON.parse(line.value);
  };
  const close = async () => {
    const gone = child.exitCode !== null || child.signalCode !== null;
    child.stdin.end();
    child.kill();
    if (!gone) await new Promise((resolve) => child.once("close", resolve));
  };
  try {
    const facts = await next();
    return {
      facts,
      ask: (message) => {
        child.stdin.write(`${JSON.stringify(message)}\n`);
        return next();
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
