// Writes schema.graphql, the schema with the tests' application, for review: node apps/gateway/print-schema.mjs (after a build).
import { writeFileSync } from "node:fs";
import { printSchema } from "graphql";
import { testGateway } from "./dist/testing/test-gateway.js";

const place = await testGateway({ idle: true });
writeFileSync(new URL("schema.graphql", import.meta.url), `${printSchema(place.gateway.schema)}\n`);
await place[Symbol.asyncDispose]();
