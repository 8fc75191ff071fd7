import { existsSync } from "node:fs";
import { tensor } from "@prosopon/graph";
import type { Application } from "@prosopon/jobs";
import { tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { tinyModel } from "@prosopon/runtime/testing";
import * as z from "zod";
import type { ApplicationsOptions } from "../child/load-applications.ts";
import { fakeJpeg } from "./fake-applications.ts";
import { fakeCuda } from "./fake-cuda.ts";

const input = z.strictObject({ frames: z.int().min(1), fps: z.number().positive().default(50) });

/** The settings that the module takes from its agent. */
export interface ComputingSettings {
  /** While there is such a file the device "cuda" is gone. */
  readonly lost: string;
}

/** The module's entry for agents: an application whose every frame is computed on the child's device, "cuda" being the fake one. */
export async function applications({ device, settings }: ApplicationsOptions): Promise<readonly Application[]> {
  const { lost } = settings as ComputingSettings;
  const host =
    device === "cuda"
      ? await fakeCuda({ lost: () => existsSync(lost) })
      : await createHost({ kind: "in-process", device: "cpu" });
  const session = await host.load({
    model: tinyModel({
      inputs: { x: { shape: [1, 2] } },
      outputs: { y: { shape: [1, 1] } },
      nodes: [{ operator: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
    }),
    parameters: { w: tensor("float32", [2, 1], [3, 4]) },
  });
  const application: Application<typeof input> = {
    specification: "application/v1",
    name: "compute",
    description: "3 index + 4 on a device, for tests.",
    input,
    output: "frames",
    needs: { devices: ["cuda", "cpu"], megabytes: 100 },
    async *run({ frames, fps }, { signal, resume }) {
      for (let index = resume ? resume.index + 1 : 0; index < frames; index++) {
        await new Promise((resolve) => setTimeout(resolve, 1000 / fps));
        signal.throwIfAborted();
        const made = await session.run({ x: tensor("float32", [1, 2], [index, 1]) }, { signal });
        const value = tensorOf(made, "y").data[0];
        yield {
          event: "frame",
          index,
          pts: index / 25,
          duration: 1 / 25,
          width: 8,
          height: 8,
          mime: "image/jpeg",
          bytes: fakeJpeg(`${host.device} ${value}`),
          state: Uint8Array.of(1),
        };
      }
      return { bytes: new Uint8Array(1), mime: "application/octet-stream", name: "compute.bin" };
    },
    async close() {
      await host[Symbol.asyncDispose]();
    },
  };
  return [application as unknown as Application];
}
