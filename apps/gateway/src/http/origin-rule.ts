import type { IncomingMessage } from "node:http";

export interface OriginRuleOptions {
  /** Foreign pages that may use this gateway, such as "https://example.org". */
  readonly origins: readonly string[];
  /** True without credentials: then whoever reaches the port is let in, so a page under a name that was made to point here must not be. */
  readonly loopbackOnly: boolean;
}

export interface OriginRule {
  /** The foreign origin that gets CORS headers. */
  allowed(request: IncomingMessage): string | undefined;
  /** Why the request is refused, whatever its route: a foreign page (also on a socket, which CORS does not cover), or a foreign host name. */
  refuses(request: IncomingMessage): string | undefined;
}

const loopback = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

export function originRule({ origins, loopbackOnly }: OriginRuleOptions): OriginRule {
  const listed = new Set(origins.map((origin) => new URL(origin).origin));
  const foreign = ({ headers: { origin, host } }: IncomingMessage): string | undefined =>
    origin !== undefined && hostOf(origin) !== host?.toLowerCase() ? origin : undefined;
  return {
    allowed(request) {
      const origin = foreign(request);
      return origin !== undefined && listed.has(origin) ? origin : undefined;
    },
    refuses(request) {
      if (loopbackOnly && !loopback.test(request.headers.host ?? ""))
        return "This gateway has no credentials and answers to local names only.";
      const origin = foreign(request);
      return origin === undefined || listed.has(origin) ? undefined : "Pages of this origin may not use the gateway.";
    },
  };
}
