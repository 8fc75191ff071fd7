import type { Principal } from "../auth/principal.ts";

/** What resolvers know of the caller. */
export interface GatewayContext {
  readonly principal: Principal;
  /** For logs. */
  readonly requestId: string;
  readonly transport: "http" | "socket";
}
