import type { InferenceSession } from "onnxruntime-node";
import type { HostOptions } from "./host-options.ts";
import { processorFacts, threadCount } from "./thread-count.ts";

/**
 * The runtime's own options. `folder`: below it lie the files that the model names.
 * One operator at a time: running several at once was two to three times slower wherever it was measured.
 */
export function sessionOptions(options: HostOptions, folder?: string): InferenceSession.SessionOptions {
  const {
    device = "cpu",
    graphOptimization = "all",
    spinning = true,
    cpuFallback = true,
    memoryPattern = true,
    arena = true,
  } = options;
  return {
    executionProviders: device === "cpu" ? ["cpu"] : cpuFallback ? [device, "cpu"] : [device],
    executionMode: "sequential",
    intraOpNumThreads: options.threads ?? threadCount(processorFacts()),
    interOpNumThreads: 1,
    graphOptimizationLevel: graphOptimization,
    enableMemPattern: memoryPattern,
    enableCpuMemArena: arena,
    logSeverityLevel: 3,
    extra: {
      session: {
        intra_op: { allow_spinning: spinning ? "1" : "0" },
        ...(device !== "cpu" && !cpuFallback && { disable_cpu_ep_fallback: "1" }),
        ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
      },
    },
  };
}
