import { EnvelopArmorPlugin } from "@escape.tech/graphql-armor";
import { useCSRFPrevention } from "@graphql-yoga/plugin-csrf-prevention";
import type { GraphQLSchema } from "graphql";
import { createYoga, type YogaServerInstance } from "graphql-yoga";
import type { Services } from "../services.ts";
import type { GatewayContext } from "./context.ts";
import { endWithCaller } from "./end-with-caller.ts";
import { maskError, reasonOf } from "./mask-error.ts";
import { noIntrospection } from "./no-introspection.ts";
import { observeOperations } from "./observe-operations.ts";

export type GraphqlServer = YogaServerInstance<GatewayContext, GatewayContext>;

/** Any of these headers makes a browser ask first (CORS preflight), so no foreign form or image can send it. */
export const CSRF_HEADERS = ["x-prosopon", "x-graphql-yoga-csrf", "apollo-require-preflight"] as const;

/**
 * Yoga with every rule as a plugin, so that `getEnveloped` carries them to sockets too. The caller is authenticated before: whoever calls
 * it passes a `GatewayContext`.
 */
export function createGraphql(schema: GraphQLSchema, services: Services): GraphqlServer {
  const { limits, development, metrics, quotas, tell } = services;
  const onMasked = (error: unknown): void => {
    metrics.refused.inc({ code: "INTERNAL" });
    tell("error", "masked-error", { reason: reasonOf(error) });
  };
  return createYoga<GatewayContext, GatewayContext>({
    schema,
    graphqlEndpoint: "/graphql",
    landingPage: false,
    graphiql: development,
    logging: false,
    cors: false,
    batching: false,
    // A thousand documents and a thousand errors, each with its whole text, for an hour: bad requests would hold gigabytes, good ones gain nothing that can be measured.
    parserAndValidationCache: false,
    maxRequestBodySize: limits.requestBytes,
    maskedErrors: { maskError: (error) => maskError(error, onMasked) },
    // Sockets and HTTP both build their context here, so every operation is counted once.
    context: async (initial) => {
      const { principal, requestId, transport } = initial;
      await quotas.take("operations", principal.tenant);
      return { principal, requestId, transport };
    },
    plugins: [
      useCSRFPrevention({ requestHeaders: [...CSRF_HEADERS] }),
      EnvelopArmorPlugin({
        maxDepth: { n: limits.depth, exposeLimits: false },
        maxAliases: { n: limits.aliases, exposeLimits: false },
        maxDirectives: { n: limits.directives, exposeLimits: false },
        maxTokens: { n: limits.tokens, exposeLimits: false },
        costLimit: { maxCost: limits.complexity, exposeLimits: false },
        blockFieldSuggestion: { enabled: !development },
      }),
      ...(development ? [] : [noIntrospection()]),
      observeOperations(services),
      endWithCaller,
    ],
  });
}
