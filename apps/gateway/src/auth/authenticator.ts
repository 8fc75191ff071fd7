import { ProsoponError } from "@prosopon/errors";
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from "jose";
import { hashApiKey } from "./api-key.ts";
import { type AuthOptions, authSchema, tenantSchema } from "./auth-options.ts";
import { ANONYMOUS, type Principal } from "./principal.ts";

export interface Authenticator {
  /** True when no credentials are configured, so that everybody is the anonymous tenant. */
  readonly open: boolean;
  /**
   * Who the value of an Authorization header ("Bearer ...") names.
   * @throws ProsoponError `bad-input` for none, an unknown key, and a token that is forged, expired or for somebody else.
   */
  authenticate(authorization: string | undefined): Promise<Principal>;
}

const refused = (cause?: unknown): ProsoponError =>
  new ProsoponError("bad-input", "These credentials are not accepted.", {
    mend: "Send the header Authorization: Bearer KEY.",
    cause,
  });

/** API keys are compared by hash, so neither the store nor the timing of a look-up tells a key. */
export function createAuthenticator(options: AuthOptions = {}): Authenticator {
  const { keys, jwt } = authSchema.parse(options);
  const tenants = new Map(keys.map(({ sha256, tenant }) => [sha256, tenant]));
  const keySet: JWTVerifyGetKey | undefined = jwt?.jwks
    ? createLocalJWKSet(jwt.jwks as unknown as JSONWebKeySet)
    : jwt?.jwksUrl
      ? createRemoteJWKSet(new URL(jwt.jwksUrl), { timeoutDuration: 5000 })
      : undefined;
  const open = tenants.size === 0 && !jwt;
  return {
    open,
    async authenticate(authorization) {
      if (open) return ANONYMOUS;
      const credential = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(authorization ?? "")?.[1];
      if (!credential) throw refused();
      const tenant = tenants.get(hashApiKey(credential));
      if (tenant !== undefined) return { tenant, kind: "key" };
      if (!jwt || !keySet) throw refused();
      try {
        const { payload } = await jwtVerify(credential, keySet, {
          issuer: jwt.issuer,
          audience: jwt.audience,
          algorithms: jwt.algorithms,
          requiredClaims: ["exp"],
          clockTolerance: 5,
        });
        const named = tenantSchema.parse(payload[jwt.tenantClaim]);
        return { tenant: named, kind: "jwt", expires: Number(payload.exp) * 1000 };
      } catch (cause) {
        throw refused(cause);
      }
    },
  };
}
