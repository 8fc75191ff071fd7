/**
 * Runs the command line `argv` (without the interpreter and the script) and gives the exit code. Results go to stdout (with --json as one
 * object), all else to stderr.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error("Ctrl-C"));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    // All else is loaded afterwards, so that Ctrl-C is answered from the start.
    const { runCommand } = await import("./run-command.ts");
    return await runCommand(argv, controller.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
