import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of dropped tensors after which a collection pays. */
const threshold = 2 ** 27;

/**
 * A counter of dropped bytes that collects garbage now and then: tensors lie outside the engine's heap, which therefore sees no reason to.
 */
export function garbageCollector(): (droppedBytes: number) => void {
  let dropped = 0;
  let collect: (() => void) | undefined;
  return (bytes) => {
    dropped += bytes;
    if (dropped < threshold) return;
    dropped = 0;
    if (collect === undefined) {
      setFlagsFromString("--expose-gc");
      collect = runInNewContext("gc") as () => void;
    }
    collect();
  };
}
