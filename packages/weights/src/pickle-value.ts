import type { StoredDType } from "./stored-dtype.ts";

/** A Python class or function that a pickle names. Only its name: it is never looked up. */
export interface PickleClass {
  readonly python: "class";
  /** Module and name, such as `"pytorch_lightning.callbacks.ModelCheckpoint"`. */
  readonly name: string;
}

/** An instance of a class that means nothing here: what the pickle would have handed to Python, inert. */
export interface PickleObject {
  readonly python: "object";
  readonly name: string;
  readonly arguments: readonly PickleValue[];
  /** What `__setstate__` would have got; null without one. */
  readonly state: PickleValue;
  /** Items of a list or set subclass. */
  readonly items: readonly PickleValue[];
  /** Entries of a dict subclass. */
  readonly entries: ReadonlyMap<PickleValue, PickleValue>;
}

/** A block of elements that tensors share. */
export interface StorageReference {
  readonly python: "storage";
  readonly key: string;
  readonly dtype: StoredDType;
  /** Elements. */
  readonly length: number;
}

/** A tensor as the pickle describes it: a view of a storage, in elements. Checked to lie inside its storage. */
export interface TensorReference {
  readonly python: "tensor";
  readonly storage: StorageReference;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/**
 * A Python value as plain data: None is null, integers beyond 2^53 are bigint, list and tuple are arrays, dict and OrderedDict
 * are maps (so that no key can reach a prototype), sets are sets, bytes are `Uint8Array`. It may share parts and hold cycles.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | ReadonlySet<PickleValue>
  | PickleClass
  | PickleObject
  | StorageReference
  | TensorReference;

export const isPickleDict = (value: PickleValue | undefined): value is ReadonlyMap<PickleValue, PickleValue> =>
  value instanceof Map;

export const isPickleList = (value: PickleValue | undefined): value is readonly PickleValue[] => Array.isArray(value);

/** True for an instance of one of the four kinds of reference, told apart by their `python` field. */
const isKind =
  <K extends "class" | "object" | "storage" | "tensor">(kind: K) =>
  (value: PickleValue | undefined): value is Extract<PickleValue, { readonly python: K }> =>
    typeof value === "object" && value !== null && "python" in value && value.python === kind;

export const isPickleClass = isKind("class");
export const isPickleObject = isKind("object");
export const isStorageReference = isKind("storage");
export const isTensorReference = isKind("tensor");
