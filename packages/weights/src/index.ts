export { narrow, widen } from "./float16.ts";
export {
  isPickleClass,
  isPickleDict,
  isPickleList,
  isPickleObject,
  isTensorReference,
  type PickleClass,
  type PickleObject,
  type PickleValue,
  type StorageReference,
  type TensorReference,
} from "./pickle-value.ts";
export {
  type DecodedSafetensors,
  decodeSafetensors,
  encodeSafetensors,
  safetensorsHeaderLength,
} from "./safetensors.ts";
export { parseSafetensorsHeader, type SafetensorsEntry, type SafetensorsHeader } from "./safetensors-header.ts";
export type { StoredDType } from "./stored-dtype.ts";
export type { OnProgress, ReadOptions, TensorInfo, TensorSource } from "./tensor-source.ts";
export { type TorchPickle, unpickleTorch } from "./torch-pickle.ts";
