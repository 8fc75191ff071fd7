import { verifyFile } from "@prosopon/provenance/c2pa";
import type { Reporter } from "../reporter.ts";

const signatures = {
  valid: "signed, and not changed since",
  invalid: "CHANGED since it was signed, or the signature is broken",
  absent: "not signed",
} as const;

/** `prosopon verify`. */
export async function verifyPicture(reporter: Reporter, file: string): Promise<void> {
  const found = await verifyFile(file);
  const { c2pa, issuer, signer, problems, mark } = found;
  const by = [signer, issuer].filter((one) => one !== undefined && one !== "").join(", ");
  const made = mark
    ? `marked as ${mark.kind ?? mark.uri}${mark.software ? ` by ${[mark.software, mark.version].filter(Boolean).join(" ")}` : ""}${mark.model ? `, model ${mark.model}` : ""}`
    : "no mark of origin";
  const lines = [
    `${file}: ${made}`,
    `${signatures[c2pa]}${by ? ` (${by})` : ""}`,
    ...problems.map((one) => `  ${one}`),
  ];
  reporter.result({ command: "verify", file, ...found }, lines.join("\n"));
  if (c2pa === "invalid") process.exitCode = 2;
}
