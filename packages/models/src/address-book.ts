import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import { plainName } from "./manifest.ts";

const address = z.strictObject({
  /** `https:`, `http:`, or `file:` for a copy that lies on this machine. */
  url: z.url({ protocol: /^(https?|file)$/ }),
  /** 64 lower-case hexadecimal digits: what arrives must have it. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
  bytes: z.int().nonnegative().optional(),
  /** What it is called here. */
  file: plainName,
});

/** Where models can be had: a JSON file. */
export const addressBookSchema = z.strictObject({
  specification: z.literal("addresses/v1"),
  models: z.array(
    z.strictObject({
      name: plainName,
      description: z.string(),
      licence: z.string().min(1),
      /** A page about it. */
      homepage: z.url().optional(),
      /**
       * "folder": its files are a model's folder (model.json, weights, README.md). "checkpoint": the first file is imported, with the second as
       * its configuration if there is one.
       */
      form: z.enum(["folder", "checkpoint"]),
      files: z.array(address).min(1),
    }),
  ),
});

export type AddressBook = z.output<typeof addressBookSchema>;
export type AddressedModel = AddressBook["models"][number];

/** A checked address book. @throws `bad-file` naming what is wrong, in one line. */
export function parseAddressBook(text: string, source: string): AddressBook {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProsoponError("bad-file", `${source} is no JSON: ${(cause as Error).message}.`, { cause });
  }
  const result = addressBookSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ProsoponError("bad-file", `${source} is no addresses/v1: ${problems.join("; ")}.`, {
    values: { source, problems },
    mend: "See docs/models.md for its form.",
  });
}

/**
 * Public addresses that come with Prosopon. There are none: the thesis' checkpoints lie behind links to shared folders without a
 * recorded hash, and a hash that nobody has measured is not written here.
 */
export const publicAddresses: AddressBook = { specification: "addresses/v1", models: [] };
