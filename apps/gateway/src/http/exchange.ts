import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../auth/principal.ts";

/** One HTTP request on its way through a route. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly id: string;
  /** The parts of the path that the route names. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly principal: Principal;
}

export type Route = (exchange: Exchange) => Promise<void>;
