// A TCP load balancer with a bad network behind it: connections go to the targets in turn, and can be cut or left half-open.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Listens on loopback. `targets` are ports, may change at any time; a dead one is passed over. */
export async function openBalancer(targets = []) {
  const pairs = new Set();
  let turn = 0;

  const server = createServer({ allowHalfOpen: false }, (client) => {
    client.on("error", () => {});
    reach(client, [...targets.slice(turn % targets.length), ...targets.slice(0, turn % targets.length)]);
    turn++;
  });

  function reach(client, ports) {
    const [port, ...others] = ports;
    if (port === undefined || client.destroyed) return void client.destroy();
    const upstream = connect(port, "127.0.0.1");
    const refused = () => reach(client, others);
    upstream.once("error", refused);
    upstream.once("connect", () => {
      upstream.off("error", refused);
      upstream.on("error", () => {});
      join(client, upstream);
    });
  }

  function join(client, upstream) {
    const pair = { client, upstream, frozen: false };
    pairs.add(pair);
    const ways = [
      [client, upstream],
      [upstream, client],
    ];
    for (const [from, to] of ways) {
      from.on("data", (bytes) => {
        if (!pair.frozen && !to.destroyed && !to.write(bytes)) from.pause();
      });
      to.on("drain", () => !pair.frozen && from.resume());
      from.on("close", () => {
        // Half-open: neither side learns that the other has gone.
        if (!pair.frozen) to.destroy();
        if (from.destroyed && to.destroyed) pairs.delete(pair);
      });
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    targets,
    url: `http://127.0.0.1:${server.address().port}`,
    get open() {
      return pairs.size;
    },
    /** Resets connections, a share of them by `random` if given. @returns how many. */
    cut(random = () => 0, share = 1) {
      const chosen = [...pairs].filter(({ frozen }) => !frozen && random() < share);
      for (const { client, upstream } of chosen) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
      return chosen.length;
    },
    /** From now on nothing passes over the present connections, and nobody is told. @returns how many. */
    freeze() {
      const chosen = [...pairs].filter(({ frozen }) => !frozen);
      for (const pair of chosen) {
        pair.frozen = true;
        pair.client.pause();
        pair.upstream.pause();
      }
      return chosen.length;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
    },
  };
}
