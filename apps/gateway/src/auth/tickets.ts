import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What a ticket opens: reading a job's frames and artifact, or feeding it live sound. */
export type TicketScope = "read" | "feed";

export interface TicketGrant {
  readonly tenant: string;
  readonly job: string;
  readonly scope: TicketScope;
}

export interface Ticket {
  readonly ticket: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface Tickets {
  /** `until` caps its life, for a credential that ends sooner. */
  issue(grant: TicketGrant, until?: number): Ticket;
  /** The tenant and the end of a ticket for this job and scope; undefined if it is forged, expired or for something else. */
  redeem(
    ticket: string,
    job: string,
    scope: TicketScope,
  ): { readonly tenant: string; readonly expires: number } | undefined;
}

export interface TicketOptions {
  /** At least 32 bytes, the same on every gateway of a cluster; random if not given. */
  readonly secret?: Uint8Array;
  readonly seconds: number;
  readonly now?: () => number;
}

/**
 * Short-lived tickets for what cannot send a header: `<video src>`, a browser's WebSocket. A ticket is base64url(JSON).base64url(HMAC-SHA-256)
 * and opens one job of one tenant.
 */
export function createTickets({ secret = randomBytes(32), seconds, now = Date.now }: TicketOptions): Tickets {
  const seal = (body: string): Buffer => createHmac("sha256", secret).update(body).digest();
  return {
    issue({ tenant, job, scope }, until = Number.POSITIVE_INFINITY) {
      const expires = Math.min(now() + 1000 * seconds, until);
      const body = Buffer.from(JSON.stringify([tenant, job, scope, expires])).toString("base64url");
      return { ticket: `${body}.${seal(body).toString("base64url")}`, expires };
    },
    redeem(ticket, job, scope) {
      const parts = /^([\w-]{1,512})\.([\w-]{43})$/.exec(ticket);
      if (!parts) return undefined;
      const [, body = "", tag = ""] = parts;
      const given = Buffer.from(tag, "base64url");
      const wanted = seal(body);
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      const [tenant, forJob, forScope, expires] = JSON.parse(Buffer.from(body, "base64url").toString());
      return forJob === job && forScope === scope && expires > now() ? { tenant, expires } : undefined;
    },
  };
}
