/** Who asks. Every job, upload and frame log belongs to one tenant, and no route shows another's. */
export interface Principal {
  readonly tenant: string;
  /** For logs: "anonymous", "key" or "jwt"; never the credential. */
  readonly kind: "anonymous" | "key" | "jwt" | "ticket";
  /** When the credential ends, in milliseconds since 1970; open streams end with it. */
  readonly expires?: number;
}

/** The tenant of a gateway without credentials. */
export const ANONYMOUS: Principal = { tenant: "anonymous", kind: "anonymous" };
