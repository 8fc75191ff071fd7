import { isProsoponError } from "@prosopon/errors";
import { expect, test } from "vitest";
import { modelKinds, parseManifest } from "./manifest.ts";
import { modelCard } from "./model-card.ts";
import { microManifest } from "./testing/micro-model.ts";

test.each(modelKinds)("a %s manifest survives JSON", (kind) => {
  const manifest = microManifest(kind);
  expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  expect(modelCard(manifest)).toContain(manifest.name);
});

const broken = (change: Readonly<Record<string, unknown>>) => {
  const manifest = microManifest("reenactment");
  return { ...manifest, ...change, config: { ...manifest.config, ...(change["config"] as object) } };
};

test.each([
  [{ colour: "red" }, "colour"],
  [{ name: "../up" }, "name: must be a plain name"],
  [{ files: [{ name: "a/b", sha256: "0".repeat(64), bytes: 0 }] }, "files.0.name"],
  [{ files: [{ name: "a", sha256: "12", bytes: 0 }] }, "files.0.sha256: must be 64"],
  [{ kind: "gan" }, "kind"],
  [{ config: { emotions: ["happy"] } }, "config.emotions"],
  [{ config: { emotions: Array(8).fill("happy") } }, "emotions must differ"],
  [{ config: { embeddingSize: 13 } }, "unet.context_dim must be embeddingSize"],
  [{ config: { strength: 1 } }, "strength"],
])("refuses %j in one line", (change, part) => {
  const error = (() => {
    try {
      parseManifest(broken(change), "some/model.json");
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  if (!isProsoponError(error)) throw new Error("not refused");
  expect(error.code).toBe("bad-file");
  expect(error.message).toContain("some/model.json is no model/v1");
  expect(error.message).toContain(part);
  expect(error.message).not.toContain("\n");
});
