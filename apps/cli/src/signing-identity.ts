import { readFileSync } from "node:fs";
import { ProsoponError } from "@prosopon/errors";
import { developmentCertificate, type SigningIdentity } from "@prosopon/provenance/c2pa";
import type { Context } from "./context.ts";

/**
 * Who signs what is made (C2PA): PROSOPON_SIGN_KEY and PROSOPON_SIGN_CERTIFICATES name PEM files, or PROSOPON_SIGN=development makes a certificate for
 * this run that nobody trusts. Without either, files carry a mark and no signature.
 * @throws `not-found` for a file that cannot be read, `bad-input` for half an identity.
 */
export function signingIdentity({ env }: Pick<Context, "env">): SigningIdentity | undefined {
  const [key, certificates] = [env["PROSOPON_SIGN_KEY"], env["PROSOPON_SIGN_CERTIFICATES"]];
  if (!key && !certificates) {
    const asked = env["PROSOPON_SIGN"];
    if (!asked) return undefined;
    if (asked === "development") return developmentCertificate();
    throw new ProsoponError("bad-input", `PROSOPON_SIGN is ${JSON.stringify(asked)}.`, {
      mend: "It can only be development; name your own key with PROSOPON_SIGN_KEY and PROSOPON_SIGN_CERTIFICATES.",
    });
  }
  if (!key || !certificates)
    throw new ProsoponError("bad-input", "Signing needs a key and its certificates.", {
      mend: "Set both PROSOPON_SIGN_KEY and PROSOPON_SIGN_CERTIFICATES to PEM files.",
    });
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch (cause) {
      throw new ProsoponError("not-found", `${file} cannot be read.`, { values: { file }, cause });
    }
  };
  return { key: read(key), certificates: read(certificates) };
}
