// Viewers without the client package, who may leave or cease to read.
import { request } from "node:http";
import { WebSocket } from "ws";

export const framesQuery =
  "subscription($id: ID!, $after: Cursor) { frames(jobId: $id, after: $after) { __typename ... on Frame { epoch seq cursor data } ... on StreamEnd { lastSeq } } }";

/** A connection by hand, tried again where a busy machine was too slow for the gateway's handshake. */
export async function rawViewer(port, id, transport) {
  for (let tries = 1; ; tries++)
    try {
      return await openRaw(port, id, transport);
    } catch (error) {
      if (tries === 5) throw error;
    }
}

/** A connection by hand over one of the transports, which `leave` breaks off and `stop` ceases to read. Counts its bytes. */
async function openRaw(port, id, transport) {
  const state = { bytes: 0, closed: false };
  const opened = new Promise((resolve, reject) => {
    if (transport === "websocket") {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws");
      socket.on("error", reject);
      socket.on("close", (code) => {
        state.closed = true;
        reject(new Error(`closed with ${code}`));
      });
      socket.on("open", () => socket.send('{"type":"connection_init"}'));
      socket.on("message", (bytes) => {
        state.bytes += bytes.length;
        if (JSON.parse(bytes).type !== "connection_ack") return;
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: framesQuery, variables: { id } } }));
        resolve({ leave: () => socket.terminate(), stop: () => socket.pause(), go: () => socket.resume() });
      });
      return;
    }
    const sse = transport === "sse";
    const sent = request({
      host: "127.0.0.1",
      port,
      agent: false,
      method: sse ? "POST" : "GET",
      path: sse ? "/graphql" : `/v1/jobs/${id}/frames`,
      headers: sse ? { "content-type": "application/json", accept: "text/event-stream" } : {},
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.on("error", () => {});
      response.on("close", () => {
        state.closed = true;
      });
      response.on("data", (bytes) => {
        state.bytes += bytes.length;
      });
      resolve({ leave: () => sent.destroy(), stop: () => response.pause(), go: () => response.resume() });
    });
    sent.end(sse ? JSON.stringify({ query: framesQuery, variables: { id } }) : undefined);
  });
  return Object.assign(state, await opened);
}
