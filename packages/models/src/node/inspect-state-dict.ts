import { isPickleList, type OnProgress } from "@prosopon/weights";
import { openStateDict } from "@prosopon/weights/node";
import { stateTree, type TreeNode, type TreeTensor } from "../importing/state-tree.ts";

export interface InspectOptions {
  /** While checksums are compared. */
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a file of weights holds, without its values. */
export interface InspectedFile {
  readonly file: string;
  readonly format: "safetensors" | "zip" | "legacy";
  readonly tensors: number;
  readonly values: number;
  /** Numbers and texts beside the tensors, such as `epoch`; how many optimizers there are. */
  readonly entries: Readonly<Record<string, string | number>>;
  /** In file order. */
  readonly state: readonly (TreeTensor & { readonly name: string })[];
  readonly tree: TreeNode;
}

/** Looks into a PyTorch checkpoint or a safetensors file; nothing in it is executed. @throws as `openStateDict`. */
export async function inspectStateDict(file: string, options: InspectOptions = {}): Promise<InspectedFile> {
  await using source = await openStateDict(file, options);
  const state = source.names.map((name) => {
    const { dtype, shape } = source.info(name);
    return { name, dtype, shape };
  });
  const tree = stateTree(state.map((one) => [one.name, { dtype: one.dtype, shape: one.shape }] as const));
  const entries: Record<string, string | number> = { ...source.metadata };
  for (const [key, value] of source.checkpoint?.top ?? [])
    if (typeof key === "string" && (typeof value === "number" || typeof value === "string")) entries[key] = value;
    else if (key === "optimizer_states" && isPickleList(value)) entries["optimizers"] = value.length;
  const { tensors, values } = tree;
  return { file, format: source.format, tensors, values, entries, state, tree };
}
