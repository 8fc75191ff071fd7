import { badPickle } from "./pickle-error.ts";
import {
  isPickleClass,
  isPickleDict,
  isPickleList,
  isStorageReference,
  isTensorReference,
  type PickleValue,
  type StorageReference,
} from "./pickle-value.ts";
import { dtypeOfTorchStorage } from "./stored-dtype.ts";
import { tensorReference } from "./tensor-reference.ts";
import { unpickle } from "./unpickle.ts";

export interface TorchPickle {
  readonly value: PickleValue;
  /** By key, in the order of first mention. */
  readonly storages: ReadonlyMap<string, StorageReference>;
  /** Position after the pickle. */
  readonly end: number;
}

type Call = (callArguments: readonly PickleValue[]) => PickleValue;

const items = (value: PickleValue | undefined): readonly PickleValue[] => {
  if (value === undefined) return [];
  if (isPickleList(value)) return value;
  if (value instanceof Set) return [...value];
  throw badPickle("a container is made from something that is not a list.");
};

const dict: Call = ([source]) => {
  if (isPickleDict(source)) return new Map(source);
  const pairs = items(source).map((pair): [PickleValue, PickleValue] => {
    if (!isPickleList(pair) || pair.length !== 2) throw badPickle("a dict is made from something that is not pairs.");
    return [pair[0]!, pair[1]!];
  });
  return new Map(pairs);
};

const bytes: Call = ([text, encoding = "utf-8"]) => {
  if (typeof text !== "string") throw badPickle("bytes are made from something that is not text.");
  if (encoding === "utf-8" || encoding === "utf8") return new TextEncoder().encode(text);
  if (encoding !== "latin1" && encoding !== "latin-1") throw badPickle("bytes are made with an unknown encoding.");
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code > 255) throw badPickle("latin-1 bytes hold a wider character.");
    return code;
  });
};

/** A parameter is its tensor; whether it requires a gradient is no matter here. */
const parameter: Call = ([data]) => {
  if (!isTensorReference(data)) throw badPickle("a parameter is made from something that is not a tensor.");
  return data;
};

const rebuild: Call = ([storage, offset, shape, stride]) => {
  if (!isStorageReference(storage)) throw badPickle("a tensor is made from something that is not a storage.");
  return tensorReference(storage, offset, shape, stride);
};

const rebuilders = new Map<string, Call>([
  ["torch._utils._rebuild_tensor", rebuild],
  ["torch._utils._rebuild_tensor_v2", rebuild],
  ["torch._utils._rebuild_parameter", parameter],
  ["torch._utils._rebuild_parameter_with_state", parameter],
  ["torch.nn.parameter.Parameter", parameter],
]);

const builtins: [string, Call][] = [
  ["set", ([source]) => new Set(items(source))],
  ["frozenset", ([source]) => new Set(items(source))],
  ["list", ([source]) => [...items(source)]],
  ["tuple", ([source]) => [...items(source)]],
  ["dict", dict],
];

const calls = new Map<string, Call>([
  ...rebuilders,
  ...builtins.flatMap(([name, call]): [string, Call][] => [
    [`builtins.${name}`, call],
    [`__builtin__.${name}`, call],
  ]),
  ["collections.OrderedDict", dict],
  ["collections.Counter", dict],
  ["collections.defaultdict", () => new Map()],
  ["collections.deque", ([source]) => [...items(source)]],
  ["torch.Size", ([source]) => [...items(source)]],
  ["_codecs.encode", bytes],
  [
    "torch._tensor._rebuild_from_type_v2",
    ([rebuilder, , callArguments]) => {
      const call = isPickleClass(rebuilder) ? rebuilders.get(rebuilder.name) : undefined;
      if (call === undefined || !isPickleList(callArguments))
        throw badPickle("a tensor subclass is made in an unknown way.");
      return call(callArguments);
    },
  ],
]);

function storageOf(id: PickleValue): StorageReference {
  const [kind, type, key, , length, view = null] = isPickleList(id) ? id : [];
  if (kind !== "storage" || !isPickleClass(type) || typeof key !== "string")
    throw badPickle("a persistent id is not a storage.");
  const dtype = /^torch(\.cuda)?\.\w+$/.test(type.name)
    ? dtypeOfTorchStorage.get(type.name.split(".").at(-1)!)
    : undefined;
  if (dtype === undefined) throw badPickle(`the storage type ${type.name} is not supported.`, { storage: type.name });
  if (!Number.isSafeInteger(length) || (length as number) < 0)
    throw badPickle(`the storage "${key}" has no valid length.`, { key });
  if (view !== null)
    throw badPickle(`the storage "${key}" is a view of another, as PyTorch 0.3 and older wrote.`, { key });
  return { python: "storage", key, dtype, length: length as number };
}

/**
 * Reads a pickle that `torch.save` wrote: tensors become references into storages, everything else plain data.
 * @throws `bad-file` as `unpickle`, and for tensors that reach outside their storage.
 */
export function unpickleTorch(source: Uint8Array, start = 0): TorchPickle {
  const storages = new Map<string, StorageReference>();
  const persistent = (id: PickleValue): StorageReference => {
    const found = storageOf(id);
    const known = storages.get(found.key);
    if (known === undefined) storages.set(found.key, found);
    else if (known.dtype !== found.dtype || known.length !== found.length)
      throw badPickle(`the storage "${found.key}" is described in two ways.`, { key: found.key });
    return known ?? found;
  };
  return { ...unpickle(source, { start, calls, persistent }), storages };
}
