import * as z from "zod";

const tenant = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be 1 to 64 of a-z, 0-9, dot, hyphen, underscore");

/** Credentials that are taken. None at all: one anonymous tenant, on this machine only. */
export const authSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        tenant,
        sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be the 64 hexadecimal digits of hashApiKey"),
      }),
    )
    .default([])
    .describe("API keys by their hash"),
  jwt: z
    .strictObject({
      issuer: z.string().min(1),
      audience: z.string().min(1),
      algorithms: z
        .array(z.enum(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]))
        .min(1)
        .default(["RS256", "ES256", "EdDSA"]),
      jwks: z
        .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) })
        .optional()
        .describe("public keys"),
      jwksUrl: z
        .url({ protocol: /^https$/ })
        .optional()
        .describe("where the issuer publishes its keys"),
      tenantClaim: z.string().min(1).default("tenant"),
    })
    .refine((jwt) => (jwt.jwks === undefined) !== (jwt.jwksUrl === undefined), "give exactly one of jwks and jwksUrl")
    .optional()
    .describe("JSON web tokens"),
});

export type AuthOptions = z.input<typeof authSchema>;
export type AuthConfig = z.output<typeof authSchema>;
export const tenantSchema = tenant;
