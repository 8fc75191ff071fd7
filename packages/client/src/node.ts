import { WebSocket } from "ws";
import type { Client, ConnectOptions } from "./client.ts";
import { connect as connectPortably } from "./connect.ts";
import type { WebSocketConstructor } from "./endpoint.ts";

/** `connect` for Node, whose version 20 has no WebSocket of its own: that of `ws` serves if none is given. */
export function connect(options: ConnectOptions): Client {
  return connectPortably({ WebSocket: WebSocket as unknown as WebSocketConstructor, ...options });
}
