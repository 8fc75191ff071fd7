#!/usr/bin/env node
// Committed, not built: npm links a bin only if its file is there when it installs.
import { main } from "../dist/index.js";

process.exitCode = await main(process.argv.slice(2));
