import { ProsoponError } from "@prosopon/errors";
import { graph, input, type Tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { lpipsDistance } from "./lpips-distance.ts";
import type { LpipsTrunk } from "./lpips-trunk.ts";

/** Named tensors: an open safetensors file or the `stateDict` of a PyTorch checkpoint. */
export interface TensorNames {
  readonly names: readonly string[];
  read(name: string): Promise<Tensor>;
}

export interface LpipsParametersOptions {
  /** torchvision's whole network (its classifier is passed over), or the state of a `lpips.LPIPS` module, which has the heads too. */
  readonly trunk: TensorNames;
  /** The `v0.1/*.pth` files of the package lpips. Default: they are among the trunk's. */
  readonly heads?: TensorNames;
}

/** Names of a tensor in the files there are: torchvision's, a whole LPIPS module's, a list of heads'. */
const aliases = (name: string): readonly RegExp[] =>
  name.startsWith("features.")
    ? [new RegExp(`^(?:net\\.slice\\d+\\.|features\\.)${name.slice(9).replaceAll(".", "\\.")}$`)]
    : [new RegExp(`^${name.replaceAll(".", "\\.")}$`), new RegExp(`^lins\\.${name.slice(3).replaceAll(".", "\\.")}$`)];

/** The parameters of `lpipsDistance` out of files in the layouts that are about. @throws `not-found`, `bad-file` for other shapes. */
export async function lpipsParameters(
  trunk: LpipsTrunk,
  { trunk: body, heads = body }: LpipsParametersOptions,
): Promise<Readonly<Record<string, Tensor>>> {
  const g = graph();
  const place = scope(g);
  const image = input(g, "image", "float32", [1, 3, 64, 64]);
  lpipsDistance(place, image, image, trunk);
  const entries = [...place.parameters.values()].map(async ({ name, shape }) => {
    const source = name.startsWith("lin") ? heads : body;
    const found = aliases(name)
      .map((alias) => source.names.find((given) => alias.test(given)))
      .find(Boolean);
    if (found === undefined)
      throw new ProsoponError("not-found", `The weights hold no "${name}" for LPIPS with the trunk "${trunk}".`, {
        values: { name, trunk },
        mend: name.startsWith("lin")
          ? "Give the heads file of the package lpips for this trunk."
          : "Give torchvision's weights of this trunk.",
      });
    const tensor = await source.read(found);
    if (`${tensor.shape}` !== `${shape}`)
      throw new ProsoponError(
        "bad-file",
        `"${found}" is [${tensor.shape}], not [${shape}]: weights of another trunk.`,
        {
          values: { name: found, shape: tensor.shape, expected: shape },
        },
      );
    return [name, tensor] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
