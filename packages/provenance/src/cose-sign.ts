import { createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { ProsoponError } from "@prosopon/errors";
import { concatenated, textToBytes } from "./byte-text.ts";
import type { SigningIdentity } from "./development-certificate.ts";

/** Readers of C2PA look for padding in a signature. */
const PADDING = 32;

/** A signer of claims: the name of its algorithm in C2PA and a function that makes COSE_Sign1 messages, all of `size` bytes. */
export interface CoseSigner {
  readonly algorithm: "es256" | "es384" | "es512" | "ed25519";
  readonly size: number;
  sign(payload: Uint8Array): Uint8Array<ArrayBuffer>;
}

const CURVES = {
  prime256v1: { algorithm: "es256", code: -7, hash: "sha256", signatureLength: 64 },
  secp384r1: { algorithm: "es384", code: -35, hash: "sha384", signatureLength: 96 },
  secp521r1: { algorithm: "es512", code: -36, hash: "sha512", signatureLength: 132 },
} as const;

/** Throws `bad-input` for keys and certificates that cannot sign, or do not belong together. */
export function coseSigner({ key, certificates }: SigningIdentity): CoseSigner {
  const chain = (certificates.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) => {
    try {
      return new X509Certificate(pem);
    } catch (error) {
      throw unfit("A certificate cannot be read.", error);
    }
  });
  const first = chain[0];
  if (first === undefined) throw unfit("The text holds no certificate in PEM.");
  let secret: KeyObject;
  try {
    secret = createPrivateKey(key);
  } catch (error) {
    throw unfit("The private key cannot be read.", error);
  }
  if (!first.checkPrivateKey(secret)) throw unfit("The private key is not that of the first certificate.");
  const { algorithm, code, hash, signatureLength } = kindOf(secret);
  // RFC 9360: one certificate stands alone, more are a list. A root that signs itself is left to those who trust it.
  const sent = chain.filter((one, index) => index === 0 || one.issuer !== one.subject);
  const raw = sent.map((one) => bytestring(one.raw));
  const header = concatenated([
    head(5, 2),
    head(0, 1),
    head(1, -1 - code),
    head(0, 33),
    ...(raw.length === 1 ? raw : [head(4, raw.length), ...raw]),
  ]);
  const message = (signature: Uint8Array): Uint8Array<ArrayBuffer> =>
    concatenated([
      head(6, 18),
      head(4, 4),
      bytestring(header),
      head(5, 1),
      textstring("pad"),
      bytestring(new Uint8Array(PADDING)),
      Uint8Array.of(0xf6),
      bytestring(signature),
    ]);
  return {
    algorithm,
    size: message(new Uint8Array(signatureLength)).length,
    sign: (payload) => {
      // RFC 9052, 4.4: what is signed; the payload stands elsewhere in the file.
      const structure = concatenated([
        head(4, 4),
        textstring("Signature1"),
        bytestring(header),
        bytestring(new Uint8Array(0)),
        bytestring(payload),
      ]);
      return message(sign(hash, structure, { key: secret, dsaEncoding: "ieee-p1363" }));
    },
  };
}

function kindOf(key: KeyObject) {
  if (key.asymmetricKeyType === "ed25519")
    return { algorithm: "ed25519", code: -8, hash: null, signatureLength: 64 } as const;
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  const kind = key.asymmetricKeyType === "ec" ? CURVES[curve as keyof typeof CURVES] : undefined;
  if (kind === undefined)
    throw unfit(`A key of type ${key.asymmetricKeyType} ${curve} does not sign here.`.replace(" .", "."));
  return kind;
}

function unfit(message: string, cause?: unknown): ProsoponError {
  return new ProsoponError("bad-input", message, {
    mend: "Give a PKCS 8 key (EC P-256, P-384, P-521 or Ed25519) and its certificate chain in PEM.",
    cause,
  });
}

/** The head of a CBOR item: major type and length or value (RFC 8949, 3). */
function head(major: number, value: number): Uint8Array {
  const first = major << 5;
  if (value < 24) return Uint8Array.of(first | value);
  if (value < 256) return Uint8Array.of(first | 24, value);
  if (value < 65_536) return Uint8Array.of(first | 25, value >> 8, value & 255);
  return Uint8Array.of(first | 26, value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255);
}

function bytestring(bytes: Uint8Array): Uint8Array {
  return concatenated([head(2, bytes.length), bytes]);
}

function textstring(text: string): Uint8Array {
  return concatenated([head(3, text.length), textToBytes(text)]);
}
