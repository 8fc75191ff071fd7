import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { hashApiKey, newApiKey } from "./api-key.ts";
import { createAuthenticator } from "./authenticator.ts";

const refused = "These credentials are not accepted";

test("without configuration everybody is the anonymous tenant", async () => {
  const { open, authenticate } = createAuthenticator();
  expect(open).toBe(true);
  expect(await authenticate(undefined)).toEqual({ tenant: "anonymous", kind: "anonymous" });
});

test("an API key names its tenant; others, and no key, are refused", async () => {
  const key = newApiKey();
  const { open, authenticate } = createAuthenticator({ keys: [{ tenant: "anna", sha256: hashApiKey(key) }] });
  expect(open).toBe(false);
  expect(await authenticate(`Bearer ${key}`)).toEqual({ tenant: "anna", kind: "key" });
  for (const header of [
    undefined,
    "",
    key,
    `Basic ${key}`,
    `Bearer ${newApiKey()}`,
    `Bearer ${hashApiKey(key)}`,
    `Bearer ${"x".repeat(9000)}`,
  ])
    await expect(authenticate(header)).rejects.toThrow(refused);
});

test("a JWT is taken with the right signature, issuer, audience, algorithm and end, and no other", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const stranger = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" };
  const { authenticate } = createAuthenticator({
    jwt: { issuer: "https://id.example", audience: "prosopon", algorithms: ["ES256"], jwks: { keys: [jwk] } },
  });
  const token = (
    claims: Record<string, unknown> = {},
    { issuer = "https://id.example", audience = "prosopon", end = "5m", key = privateKey } = {},
  ) =>
    new SignJWT({ tenant: "anna", ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(end)
      .sign(key);
  const principal = await authenticate(`Bearer ${await token()}`);
  expect(principal).toMatchObject({ tenant: "anna", kind: "jwt" });
  expect(principal.expires).toBeGreaterThan(Date.now());
  const bad = [
    await token({}, { issuer: "https://other.example" }),
    await token({}, { audience: "other" }),
    await token({}, { end: "-1m" }),
    await token({}, { key: stranger.privateKey }),
    await token({ tenant: "../anna" }),
    await token({ tenant: undefined }),
    await new SignJWT({ tenant: "anna" })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("https://id.example")
      .setAudience("prosopon")
      .setExpirationTime("5m")
      .sign(new TextEncoder().encode(JSON.stringify(jwk).padEnd(64))),
    await new SignJWT({ tenant: "anna" })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuer("https://id.example")
      .setAudience("prosopon")
      .sign(privateKey),
    `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"tenant":"anna"}').toString("base64url")}.`,
  ];
  for (const one of bad) await expect(authenticate(`Bearer ${one}`)).rejects.toThrow(refused);
});
