// Makes an API key: node apps/gateway/new-api-key.mjs TENANT (after a build). The key is shown once; only its hash is configured.
import { hashApiKey, newApiKey } from "./dist/index.js";

const tenant = process.argv[2] ?? "";
if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(tenant)) {
  process.stderr.write("usage: node apps/gateway/new-api-key.mjs TENANT   (a-z, 0-9, dot, hyphen, underscore)\n");
  process.exitCode = 2;
} else {
  const key = newApiKey();
  process.stdout.write(
    `key (keep it, it is shown once):  ${key}\nPROSOPON_API_KEYS entry:          ${tenant}:${hashApiKey(key)}\n`,
  );
}
