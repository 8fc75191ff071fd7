import type { GraphqlServer } from "../graphql/create-graphql.ts";
import { soundRoute } from "../live/sound-route.ts";
import type { Services } from "../services.ts";
import { artifactRoute } from "./artifact-route.ts";
import { framesRoute, oneFrameRoute } from "./frames-route.ts";
import type { RouteRow } from "./router.ts";
import { sendJson } from "./send.ts";
import { uploadRoute } from "./upload-route.ts";

export interface RowsOptions {
  readonly graphql: GraphqlServer;
  /** Rejects while the gateway should get no traffic. */
  readonly ready: () => Promise<void>;
}

const job = "(?<job>[A-Za-z0-9-]{1,64})";

/** All routes but the studio's files. */
export const routeRows = (services: Services, { graphql, ready }: RowsOptions): readonly RouteRow[] => [
  {
    name: "livez",
    methods: ["GET", "HEAD"],
    pattern: /^\/livez$/,
    open: true,
    route: async ({ response }) => sendJson(response, 200, { status: "live" }),
  },
  {
    name: "readyz",
    methods: ["GET", "HEAD"],
    pattern: /^\/readyz$/,
    open: true,
    route: async ({ response }) => {
      // Why not is for logs, not for whoever asks.
      const able = await ready().then(
        () => true,
        () => false,
      );
      sendJson(response, able ? 200 : 503, { status: able ? "ready" : "not ready" });
    },
  },
  {
    name: "metrics",
    methods: ["GET"],
    pattern: /^\/metrics$/,
    open: true,
    route: async ({ response }) => {
      const { registry } = services.metrics;
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType, "cache-control": "no-store" }).end(text);
    },
  },
  {
    name: "graphql",
    methods: ["GET", "POST"],
    pattern: /^\/graphql$/,
    route: async ({ request, response, principal, id }) => {
      await graphql(request, response, { principal, requestId: id, transport: "http" });
    },
  },
  { name: "uploads", methods: ["POST"], pattern: /^\/uploads$/, route: uploadRoute(services) },
  {
    name: "frames",
    methods: ["GET"],
    pattern: new RegExp(`^/v1/jobs/${job}/frames$`),
    ticket: "read",
    route: framesRoute(services),
  },
  {
    name: "frame",
    methods: ["GET"],
    pattern: new RegExp(`^/v1/jobs/${job}/frames/(?<cursor>[\\w-]{1,64})$`),
    ticket: "read",
    route: oneFrameRoute(services),
  },
  {
    name: "artifact",
    methods: ["GET", "HEAD"],
    pattern: new RegExp(`^/v1/jobs/${job}/artifact$`),
    ticket: "read",
    route: artifactRoute(services),
  },
  {
    name: "audio",
    methods: ["POST"],
    pattern: new RegExp(`^/v1/jobs/${job}/audio$`),
    ticket: "feed",
    route: soundRoute(services),
  },
];
