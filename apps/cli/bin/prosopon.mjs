#!/usr/bin/env node
// Committed, not built: npm links a bin only if its file is there when it installs.
import { main } from "../dist/index.js";

// Whoever reads may have seen enough, as in `prosopon --help | head`.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error) => {
    if (error.code !== "EPIPE") throw error;
  });

process.exitCode = await main(process.argv.slice(2));
