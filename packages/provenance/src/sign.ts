import { ProsoponError } from "@prosopon/errors";
import { blobOf, c2paLibrary, LARGEST_SIGNED, SETTINGS } from "./c2pa-library.ts";
import { containerOf } from "./container-of.ts";
import { coseSigner } from "./cose-sign.ts";
import type { SigningIdentity } from "./development-certificate.ts";
import { type DigitalSource, sourceUri } from "./digital-source.ts";
import { checkKind } from "./mark.ts";
import type { MarkDetails } from "./packet.ts";

export interface SignOptions extends MarkDetails {
  readonly identity: SigningIdentity;
  /** Default `compositeWithTrainedAlgorithmicMedia`. */
  readonly kind?: DigitalSource;
}

/**
 * A copy of a PNG, JPEG, WebP or MP4 with a C2PA manifest: who made it and how, signed together with all of the content, so that a
 * later change shows. Done offline and without a time stamp, so it holds as long as the certificate. It must be the last change:
 * a mark that is written afterwards breaks it. A file of up to 256 MiB; a few KB are added.
 *
 * Throws `bad-input` for a longer one, and for keys and certificates that do not fit; `bad-file` for other formats and broken files.
 */
export async function sign(bytes: Uint8Array, options: SignOptions): Promise<Uint8Array> {
  const { identity, kind = "compositeWithTrainedAlgorithmicMedia", software, version, model, note } = options;
  checkKind(kind);
  const { mime } = containerOf(bytes);
  if (bytes.length > LARGEST_SIGNED) {
    throw new ProsoponError("bad-input", `A file of ${bytes.length} bytes is not signed.`, {
      values: { length: bytes.length },
      mend: `At most ${LARGEST_SIGNED} are; a mark without signature takes any length.`,
    });
  }
  const signer = coseSigner(identity);
  const { WasmBuilder } = c2paLibrary();
  const agent = { name: software ?? "Prosopon", ...(version !== undefined && { version }) };
  const parameters = { ...(model !== undefined && { model }), ...(note !== undefined && { note }) };
  const action = {
    action: "c2pa.created",
    digitalSourceType: sourceUri(kind),
    softwareAgent: agent,
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
  const definition = {
    claim_generator_info: [agent],
    assertions: [{ label: "c2pa.actions.v2", data: { actions: [action] } }],
  };
  const builder = WasmBuilder.fromJson(JSON.stringify(definition), SETTINGS);
  const definitionOfSigner = {
    alg: signer.algorithm,
    reserveSize: signer.size,
    sign: async (payload: Uint8Array) => signer.sign(payload),
  };
  try {
    return await builder.sign(definitionOfSigner, [], mime, blobOf(bytes));
  } catch (error) {
    throw new ProsoponError("bad-file", `The ${mime} cannot be signed: ${String(error)}.`, {
      values: { mime },
      cause: error,
    });
  } finally {
    builder.free();
  }
}
