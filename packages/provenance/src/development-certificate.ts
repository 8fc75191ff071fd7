import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { ProsoponError } from "@prosopon/errors";
import { bits, der, identifier, integer, moment, octets, sequence, set, truth, utf8 } from "./der.ts";

/** What signs: PEM texts. */
export interface SigningIdentity {
  /** The private key of the first certificate, PKCS 8: EC on P-256, P-384 or P-521, or Ed25519. */
  readonly key: string;
  /** The certificate of the signer, then those of who vouches for it. */
  readonly certificates: string;
}

export interface DevelopmentCertificateOptions {
  /** The organization that readers are shown. Default `Prosopon development`. */
  readonly organization?: string;
  /** From a day ago on. Default 365. */
  readonly days?: number;
}

const ECDSA_SHA256 = "1.2.840.10045.4.3.2";

/**
 * A new key (P-256) with a certificate that fits the C2PA profile, vouched for by an authority that is made for it and whose key is
 * thrown away. Nobody trusts it: readers show that the file is unchanged since it was signed, and say that the signer is unknown.
 */
export function developmentCertificate(options: DevelopmentCertificateOptions = {}): SigningIdentity {
  const { organization = "Prosopon development", days = 365 } = options;
  if (!(days > 0 && days <= 36_500) || organization === "" || organization.length > 64) {
    throw new ProsoponError("bad-input", `No certificate for "${organization}" over ${days} days can be made.`, {
      values: { organization, days },
      mend: "Use a name of 1 to 64 characters and 1 to 36500 days.",
    });
  }
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authorityName = nameOf(organization, `${organization} authority`);
  const dates = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + days * 86_400_000) };
  const common = { issuer: authorityName, issuerKey: authority, ...dates };
  const certificates = [
    certificate({
      ...common,
      subject: nameOf(organization, `${organization} signer`),
      key: signer.publicKey,
      authority: false,
    }),
    certificate({ ...common, subject: authorityName, key: authority.publicKey, authority: true }),
  ];
  return {
    key: signer.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificates: certificates.map(pemOf).join(""),
  };
}

interface CertificateOptions {
  readonly issuer: Uint8Array;
  readonly issuerKey: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly subject: Uint8Array;
  readonly key: KeyObject;
  readonly authority: boolean;
  readonly from: Date;
  readonly to: Date;
}

/** An X.509 certificate, version 3 (RFC 5280, 4.1). */
function certificate({ issuer, issuerKey, subject, key, authority, from, to }: CertificateOptions): Uint8Array {
  const algorithm = sequence(identifier(ECDSA_SHA256));
  const serial = randomBytes(16);
  // A positive number of constant length.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
    sequence(identifier(id), ...(critical ? [truth()] : []), octets(value));
  const extensions = sequence(
    extension("2.5.29.19", true, sequence(...(authority ? [truth()] : []))),
    // keyCertSign and cRLSign, or digitalSignature.
    extension("2.5.29.15", true, authority ? bits(Uint8Array.of(0x06), 1) : bits(Uint8Array.of(0x80), 7)),
    // Signing of documents by mail, which every reader of C2PA knows.
    ...(authority ? [] : [extension("2.5.29.37", false, sequence(identifier("1.3.6.1.5.5.7.3.4")))]),
    extension("2.5.29.14", false, octets(keyIdentifier(key))),
    extension("2.5.29.35", false, sequence(der(0x80, keyIdentifier(issuerKey.publicKey)))),
  );
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    algorithm,
    issuer,
    sequence(moment(from), moment(to)),
    subject,
    key.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  return sequence(body, algorithm, bits(sign("sha256", body, issuerKey.privateKey)));
}

function nameOf(organization: string, common: string): Uint8Array {
  const part = (id: string, text: string): Uint8Array => set(sequence(identifier(id), utf8(text)));
  return sequence(part("2.5.4.10", organization), part("2.5.4.3", common.slice(0, 64)));
}

/** The hash of the key's bits (RFC 5280, 4.2.1.2). */
function keyIdentifier(key: KeyObject): Uint8Array {
  // The last 65 bytes of the description of a P-256 key are its point.
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }).subarray(-65))
    .digest();
}

function pemOf(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
