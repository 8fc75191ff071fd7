import type { Progress, Reporter } from "../reporter.ts";

/** Progress of several phases, each with a scale of its own: short ones pass unseen. */
export function byteProgress(reporter: Reporter) {
  let phase = "";
  let bar: Progress | undefined;
  let opening: Promise<void> | undefined;
  let latest = { done: 0, total: 0 };
  const shown = 1 << 22;
  const unit = (value: number) => Math.ceil(value / 1e6);
  return {
    update(name: string, at: { readonly done: number; readonly total: number }): void {
      latest = at;
      if (at.total < shown) return;
      if (name !== phase) {
        phase = name;
        bar?.stop();
        bar = undefined;
        // The bar is made once and follows the latest state, wherever that is by then.
        opening = reporter.progress(unit(at.total)).then((made) => {
          if (phase !== name) return made.stop();
          bar = made;
          made.update(unit(latest.done), `${name} (million)`);
          return undefined;
        });
        void opening;
        return;
      }
      bar?.update(unit(at.done), `${name} (million)`);
    },
    stop(): void {
      phase = "";
      bar?.stop();
      bar = undefined;
    },
  };
}
