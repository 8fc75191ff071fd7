import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../auth/principal.ts";
import type { TicketScope } from "../auth/tickets.ts";
import { reasonOf } from "../graphql/mask-error.ts";
import { refusal } from "../limits/refusal.ts";
import type { Services } from "../services.ts";
import { cutStalled } from "./cut-stalled.ts";
import type { Route } from "./exchange.ts";
import type { OriginRule } from "./origin-rule.ts";
import { remoteAddress } from "./remote-address.ts";
import { sendProblem } from "./send.ts";

/** A row of the table of routes. */
export interface RouteRow {
  /** For logs and metrics. */
  readonly name: string;
  readonly methods: readonly string[];
  /** Named groups become parameters; `job` is the one that a ticket must fit. */
  readonly pattern: RegExp;
  readonly ticket?: TicketScope;
  /** Anybody may ask: health. */
  readonly open?: true;
  readonly route: Route;
}

export interface RouterOptions {
  readonly rows: readonly RouteRow[];
  readonly rule: OriginRule;
  readonly proxies: number;
  readonly newId: () => string;
  /** Whatever has no row: the studio's files. */
  readonly otherwise: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
}

const NOBODY: Principal = { tenant: "", kind: "anonymous" };
const LOCAL = "http://gateway.invalid";

const fixedHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

function crossOrigin(request: IncomingMessage, response: ServerResponse, rule: OriginRule): void {
  const origin = rule.allowed(request);
  response.setHeader("vary", "Origin");
  response.setHeader("cross-origin-resource-policy", origin ? "cross-origin" : "same-origin");
  if (!origin) return;
  // The one origin, never "*"; no cookies are used, so no credentials either.
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-methods", "GET, HEAD, POST, OPTIONS");
  response.setHeader(
    "access-control-allow-headers",
    "authorization, content-type, range, x-prosopon, x-graphql-yoga-csrf, if-none-match",
  );
  response.setHeader(
    "access-control-expose-headers",
    "content-range, content-length, etag, retry-after, accept-ranges",
  );
  response.setHeader("access-control-max-age", "600");
}

/** Who asks, by ticket where the route takes one, else by header. @throws refusals `UNAUTHENTICATED`, `RATE_LIMITED`. */
export async function identify(
  { authenticator, tickets, quotas }: Pick<Services, "authenticator" | "tickets" | "quotas">,
  request: IncomingMessage,
  {
    ticket,
    job,
    scope,
    proxies,
  }: {
    readonly ticket: string | null;
    readonly job: string;
    readonly scope: TicketScope | undefined;
    readonly proxies: number;
  },
): Promise<Principal> {
  try {
    const grant = ticket !== null && scope ? tickets.redeem(ticket, job, scope) : undefined;
    if (grant) return { tenant: grant.tenant, kind: "ticket", expires: grant.expires };
    if (ticket !== null) throw refusal("UNAUTHENTICATED", "This ticket is not valid, or no longer.");
    return await authenticator.authenticate(request.headers.authorization);
  } catch (cause) {
    await quotas.take("failures", remoteAddress(request, proxies));
    throw refusal("UNAUTHENTICATED", "These credentials are not accepted. Send the header Authorization: Bearer KEY.", {
      cause,
    });
  }
}

/** The gateway's HTTP side: origin rule, CORS, credentials, then the row. Never throws; every request is counted and logged without content. */
export function createRouter(
  services: Services,
  { rows, rule, proxies, newId, otherwise }: RouterOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { limits, metrics, tell } = services;
  return async (request, response) => {
    const begun = performance.now();
    const id = newId();
    let name = "other";
    let code: string | undefined;
    response.once("close", () => {
      metrics.requests.inc({ route: name, status: response.statusCode });
      if (code) metrics.refused.inc({ code });
      tell(response.statusCode >= 500 ? "error" : "info", "request", {
        request: id,
        route: name,
        method: request.method ?? "",
        status: response.statusCode,
        milliseconds: Math.round(performance.now() - begun),
        ...(code ? { code } : {}),
      });
    });
    // A caller who vanishes shows on the response; without listeners the error would end the process.
    request.on("error", () => {});
    response.on("error", () => {});
    cutStalled(response, 1000 * limits.stallSeconds);
    try {
      for (const [header, value] of Object.entries(fixedHeaders)) response.setHeader(header, value);
      response.setHeader("x-request-id", id);
      const target = request.url ?? "/";
      if (!target.startsWith("/") || !URL.canParse(LOCAL + target))
        throw refusal("BAD_INPUT", "The path is malformed.");
      const url = new URL(LOCAL + target);
      const refused = rule.refuses(request);
      if (refused) throw refusal("FORBIDDEN", refused);
      crossOrigin(request, response, rule);
      if (request.method === "OPTIONS") {
        response.writeHead(204).end();
        return;
      }
      const matches = rows.flatMap((row) => {
        const found = row.pattern.exec(url.pathname);
        return found ? [{ row, parameters: { ...found.groups } }] : [];
      });
      const match = matches.find(({ row }) => row.methods.includes(request.method ?? ""));
      if (!match) {
        if (matches.length > 0) {
          response.setHeader("allow", matches.flatMap(({ row }) => row.methods).join(", "));
          throw refusal("BAD_INPUT", `${request.method} is not for this path.`);
        }
        name = "static";
        await otherwise(request, response, url.pathname);
        return;
      }
      const { row, parameters } = match;
      name = row.name;
      const principal = row.open
        ? NOBODY
        : await identify(services, request, {
            ticket: row.ticket ? url.searchParams.get("ticket") : null,
            job: parameters["job"] ?? "",
            scope: row.ticket,
            proxies,
          });
      await row.route({ request, response, url, id, parameters, principal });
    } catch (error) {
      if (request.socket.destroyed) {
        // The caller left in the middle of its request: there is nobody to tell.
        code = "GONE";
        response.destroy();
        return;
      }
      code = sendProblem(response, error);
      if (code === "INTERNAL") tell("error", "route-failed", { request: id, route: name, reason: reasonOf(error) });
    }
  };
}
