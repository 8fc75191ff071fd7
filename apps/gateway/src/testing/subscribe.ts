import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";

export const FRAMES = `subscription($id: ID!, $after: Cursor, $delivery: Delivery, $maxFps: Float) {
  frames(jobId: $id, after: $after, delivery: $delivery, maxFps: $maxFps) {
    __typename
    ... on Frame { seq epoch cursor pts byteLength }
    ... on StreamGap { fromSeq toSeq gap: reason cursor }
    ... on StreamReset { epoch cursor }
    ... on StreamEnd { end: reason lastSeq cursor }
  }
}`;

/** A graphql-ws client of a test gateway, without retries. */
export const socketClient = (socketUrl: string, connectionParams?: Record<string, unknown>): Client =>
  createClient({
    url: `${socketUrl}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(connectionParams ? { connectionParams } : {}),
  });

/** All values of one operation over a socket; rejects with what the server said. */
export function collect<Data>(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<readonly Data[]> {
  const values: Data[] = [];
  return new Promise((resolve, reject) => {
    client.subscribe<Data>(
      { query, variables },
      {
        next: ({ data, errors }) => (errors ? reject(errors) : values.push(data as Data)),
        error: reject,
        complete: () => resolve(values),
      },
    );
  });
}
