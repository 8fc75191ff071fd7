import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The PyTorch to compare with, or why there is none.
 * @param {string} python interpreter
 */
export async function findPeer(python) {
  const code = "import json, torch; print(json.dumps([torch.__version__, torch.cuda.is_available()]))";
  try {
    const { stdout } = await run(python, ["-c", code]);
    const [version, cuda] = JSON.parse(stdout.trim().split("\n").at(-1));
    if (Number.parseInt(version, 10) < 2) return { absent: `${python} has PyTorch ${version}; 2 or newer is wanted` };
    return { python, version, cuda };
  } catch (error) {
    const last = `${error.stderr ?? error.message}`.trim().split("\n").at(-1);
    return { absent: `${python} cannot import torch (${last})` };
  }
}
