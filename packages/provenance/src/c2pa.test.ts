import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test, vi } from "vitest";
import { developmentCertificate } from "./development-certificate.ts";
import { mark } from "./mark.ts";
import { markFile } from "./mark-file.ts";
import { sign } from "./sign.ts";
import { verify, verifyFile } from "./verify.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

const pixels = Uint8Array.from({ length: 64 * 48 * 3 }, (_, index) => (index * 2_654_435_761) >>> 24);
const picture = sharp(pixels, { raw: { width: 64, height: 48, channels: 3 } });
const identity = developmentCertificate({ organization: "A studio" });
const details = { software: "Prosopon", version: "1.2.3", model: "m" };

describe.each(["png", "jpeg", "webp"] as const)("%s", (format) => {
  test("signed content is valid and names who signed; any flipped byte of it is invalid", async () => {
    const file = new Uint8Array(await picture.toFormat(format).toBuffer());
    expect(await verify(file)).toEqual({ c2pa: "absent", problems: [], mark: undefined });
    const marked = mark(file, `image/${format}`, "trainedAlgorithmicMedia", details);
    const signed = await sign(marked, { ...details, kind: "trainedAlgorithmicMedia", identity });
    const result = await verify(signed);
    expect(result).toMatchObject({
      c2pa: "valid",
      issuer: "A studio",
      signer: "A studio signer",
      kind: "trainedAlgorithmicMedia",
      mark: { kind: "trainedAlgorithmicMedia", ...details },
    });
    expect(await picture.raw().toBuffer()).toEqual(
      format === "png" ? await sharp(signed).removeAlpha().raw().toBuffer() : expect.anything(),
    );
    // Bytes of the picture, wherever the manifest was put.
    const probe = file.subarray(Math.floor(file.length / 2), Math.floor(file.length / 2) + 24);
    const at = Buffer.from(signed).indexOf(probe);
    expect(at).toBeGreaterThan(0);
    for (const place of [at, at + 11, at + 23]) {
      const changed = Uint8Array.from(signed);
      changed[place]! ^= 1;
      const after = await verify(changed);
      expect(after.c2pa).toBe("invalid");
      expect(after.problems.join()).toMatch(/assertion.dataHash.mismatch/);
    }
  });

  test("another mark afterwards breaks the signature, and so does a foreign signature", async () => {
    const file = new Uint8Array(await picture.toFormat(format).toBuffer());
    const signed = await sign(file, { identity });
    expect((await verify(signed)).kind).toBe("compositeWithTrainedAlgorithmicMedia");
    expect((await verify(mark(signed, `image/${format}`))).c2pa).not.toBe("valid");
    const other = Uint8Array.from(signed);
    const name = Buffer.from(other).indexOf("A studio signer");
    expect(name).toBeGreaterThan(0);
    other[name] = 0x42;
    expect((await verify(other)).c2pa).toBe("invalid");
  });
});

test("keys and certificates that do not fit are refused", async () => {
  const file = new Uint8Array(await picture.png().toBuffer());
  const other = developmentCertificate();
  for (const [wrong, message] of [
    [{ ...identity, key: other.key }, /not that of the first certificate/],
    [{ ...identity, key: "x" }, /private key cannot be read/],
    [{ ...identity, certificates: "" }, /no certificate in PEM/],
    [{ ...identity, certificates: identity.certificates.replace("MII", "AAA") }, /certificate cannot be read/],
  ] as const) {
    await expect(sign(file, { identity: wrong })).rejects.toThrow(message);
  }
  await expect(sign(new Uint8Array(50), { identity })).rejects.toMatchObject({ code: "bad-file" });
  await expect(verify(new Uint8Array(50))).rejects.toMatchObject({ code: "bad-file" });
  await expect(verifyFile(path("absent.png"))).rejects.toMatchObject({ code: "not-found" });
  expect(() => developmentCertificate({ days: 0 })).toThrow(/over 0 days/);
});

test("nothing is asked of the network, not even a manifest that the metadata name", async () => {
  const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no network"));
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="http://127.0.0.1:9/manifest.c2pa"></rdf:Description></rdf:RDF></x:xmpmeta>`;
  const file = new Uint8Array(await picture.clone().withXmp(xmp).png().toBuffer());
  expect(await verify(file)).toMatchObject({ c2pa: "absent" });
  await verify(await sign(file, { identity }));
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});

const absent = (program: string, version: string): boolean =>
  spawnSync(program, [version]).error !== undefined && process.env["CI"] !== "true";

// Skips where openssl is not installed.
test.skipIf(absent("openssl", "version")).each(["P-384", "P-521", "ed25519"])(
  "your own %s key signs",
  async (curve) => {
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const key =
      curve === "ed25519" ? ["-algorithm", curve] : ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`];
    openssl("genpkey", ...key, "-out", "ca.key");
    openssl("genpkey", ...key, "-out", "own.key");
    openssl(
      "req",
      "-x509",
      "-new",
      "-key",
      "ca.key",
      "-subj",
      "/O=Some authority/CN=root",
      "-days",
      "9",
      "-out",
      "ca.pem",
    );
    openssl("req", "-new", "-key", "own.key", "-subj", "/O=Some maker/CN=maker", "-out", "own.csr");
    const extensions = [
      ...["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature"],
      ...["extendedKeyUsage=emailProtection", "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid"],
    ];
    writeFileSync(path("own.ext"), extensions.join("\n"));
    openssl(
      ..."x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile own.ext -out own.pem".split(
        " ",
      ),
    );
    const pem = (name: string) => readFileSync(path(name), "utf8");
    const file = new Uint8Array(await picture.png().toBuffer());
    const signed = await sign(file, {
      identity: { key: pem("own.key"), certificates: pem("own.pem") + pem("ca.pem") },
    });
    expect(await verify(signed)).toMatchObject({ c2pa: "valid", issuer: "Some maker", signer: "maker" });
  },
);

// Skips where ffmpeg is not installed.
test.skipIf(absent("ffmpeg", "-version"))("a film is signed, plays as before, and shows a flipped byte", async () => {
  const file = path("film.mp4");
  const inputs = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=2:r=25", "-f", "lavfi", "-i", "sine=duration=2"];
  const coding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"];
  execFileSync("ffmpeg", ["-v", "error", ...inputs, ...coding, file]);
  const played = () => execFileSync("ffmpeg", ["-v", "error", "-i", file, "-map", "0", "-f", "md5", "-"]).toString();
  const before = played();
  const probed = execFileSync("ffprobe", ["-v", "error", "-show_streams", file]).toString();
  await markFile(file, { kind: "trainedAlgorithmicMedia", ...details, identity });
  expect(played()).toBe(before);
  expect(execFileSync("ffprobe", ["-v", "error", "-show_streams", file]).toString()).toBe(probed);
  const result = await verifyFile(file);
  expect(result).toMatchObject({ c2pa: "valid", issuer: "A studio", kind: "trainedAlgorithmicMedia", mark: details });
  const signed = new Uint8Array(readFileSync(file));
  const media = Buffer.from(signed).indexOf("mdat");
  for (const at of [
    media + 500,
    Math.floor((media + signed.length) / 2),
    Buffer.from(signed).lastIndexOf("Prosopon"),
  ]) {
    const changed = Uint8Array.from(signed);
    changed[at]! ^= 1;
    const after = await verify(changed);
    expect(after.c2pa).toBe("invalid");
    expect(after.problems.join()).toMatch(/assertion.bmffHash.mismatch/);
  }
});
