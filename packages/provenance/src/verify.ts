import { readFile, stat } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { c2paLibrary, LARGEST_SIGNED, SETTINGS } from "./c2pa-library.ts";
import { containerOf } from "./container-of.ts";
import { type DigitalSource, sourceOf } from "./digital-source.ts";
import { readFileMark } from "./mark-file.ts";
import type { Provenance } from "./packet.ts";
import { read } from "./read.ts";

export interface Verification {
  /**
   * `valid`: the content is what was signed, whoever signed it; `invalid`: it was changed, or the manifest is broken or expired;
   * `absent`: there is no manifest in the file.
   */
  readonly c2pa: "valid" | "invalid" | "absent";
  /** The organization in the signer's certificate, and its name. Anyone can write any: no list of trusted signers is kept. */
  readonly issuer?: string;
  readonly signer?: string;
  /** What the manifest says that the file is. */
  readonly kind?: DigitalSource;
  /** What is wrong, by the codes of the C2PA specification. */
  readonly problems: readonly string[];
  /** The mark in the metadata, which proves nothing. */
  readonly mark: Provenance | undefined;
}

interface Manifest {
  readonly signature_info?: { readonly issuer?: string; readonly common_name?: string };
  readonly assertions?: readonly {
    readonly label: string;
    readonly data?: { readonly actions?: readonly { readonly digitalSourceType?: string }[] };
  }[];
}

interface Store {
  readonly active_manifest?: string;
  readonly manifests?: Readonly<Record<string, Manifest>>;
  readonly validation_state?: string;
  readonly validation_status?: readonly { readonly code: string }[];
}

/**
 * What a PNG, JPEG, WebP or MP4 says about its origin, and whether its signature holds. Offline: certificates are not asked after.
 * Bytes that the format leaves out of the hash (free space, the type box of MP4) may change unnoticed. Throws `bad-file` for other
 * formats and broken files, `bad-input` for more than 256 MiB.
 */
export async function verify(bytes: Uint8Array): Promise<Verification> {
  const { mime } = containerOf(bytes);
  const mark = read(bytes);
  checkLength(bytes.length);
  const { WasmReader } = c2paLibrary();
  let store: Store;
  try {
    const reader = await WasmReader.fromBytes(mime, bytes, SETTINGS);
    store = JSON.parse(reader.json()) as Store;
    reader.free();
  } catch (error) {
    const reason = String(error);
    if (/JumbfNotFound|ProvenanceMissing/.test(reason)) return { c2pa: "absent", problems: [], mark };
    if (/RemoteManifest/.test(reason)) return { c2pa: "absent", problems: ["manifest.remote"], mark };
    return { c2pa: "invalid", problems: [reason], mark };
  }
  const manifest = store.manifests?.[store.active_manifest ?? ""] ?? {};
  const problems = (store.validation_status ?? []).map(({ code }) => code);
  const uri = (manifest.assertions ?? [])
    .flatMap(({ data }) => data?.actions ?? [])
    .find(({ digitalSourceType }) => digitalSourceType !== undefined)?.digitalSourceType;
  const kind = uri === undefined ? undefined : sourceOf(uri);
  const { issuer, common_name: signer } = manifest.signature_info ?? {};
  return {
    c2pa: store.validation_state === "Valid" || store.validation_state === "Trusted" ? "valid" : "invalid",
    ...(issuer !== undefined && { issuer }),
    ...(signer !== undefined && { signer }),
    ...(kind !== undefined && { kind }),
    problems,
    mark,
  };
}

/** `verify` for a file. Throws `not-found` too. */
export async function verifyFile(file: string): Promise<Verification> {
  // Also what tells a missing file, and a folder.
  await readFileMark(file);
  checkLength((await stat(file)).size);
  return await verify(new Uint8Array(await readFile(file)));
}

function checkLength(length: number): void {
  if (length > LARGEST_SIGNED) {
    throw new ProsoponError("bad-input", `A file of ${length} bytes is not checked; at most ${LARGEST_SIGNED} are.`, {
      values: { length },
    });
  }
}
