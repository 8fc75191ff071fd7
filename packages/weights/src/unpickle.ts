import { admitName } from "./admit-name.ts";
import { pickleBytes, strictText } from "./pickle-bytes.ts";
import { checkDepth } from "./pickle-depth.ts";
import { badPickle } from "./pickle-error.ts";
import { escapedBytes, escapedText, integer, integerOf } from "./pickle-literals.ts";
import { isPickleClass, isPickleObject, type PickleObject, type PickleValue } from "./pickle-value.ts";

export interface UnpickleOptions {
  /** First byte of the pickle; 0 by default. */
  readonly start?: number;
  /** What a call of a named Python function or class gives. Calls of other names give an inert `PickleObject`. */
  readonly calls: ReadonlyMap<string, (callArguments: readonly PickleValue[]) => PickleValue>;
  /** The object behind a persistent id. */
  readonly persistent: (id: PickleValue) => PickleValue;
}

/** Most values that one pickle may make, which bounds the memory that its opcodes can ask for. */
const mostValues = 2_000_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads one pickle, protocols 0 to 5, as plain data. Nothing from it is executed, imported or looked up.
 * @returns the value and the position after the pickle.
 * @throws `bad-file` for damage, for names that run code, for more than 2 million values and for nesting beyond 1000.
 */
export function unpickle(
  source: Uint8Array,
  options: UnpickleOptions,
): { readonly value: PickleValue; readonly end: number } {
  const bytes = pickleBytes(source, options.start ?? 0);
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();
  let made = 0;

  const push = (value: PickleValue): void => {
    if (++made > mostValues) throw badPickle(`it holds more than ${mostValues} values.`);
    stack.push(value);
  };
  const pop = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw badPickle("its stack is empty where a value is needed.");
    return stack.pop()!;
  };
  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const popMark = (): PickleValue[] => {
    const mark = marks.pop();
    if (mark === undefined) throw badPickle("a mark is missing.");
    return stack.splice(mark);
  };
  const popList = (): readonly PickleValue[] => {
    const value = pop();
    if (!Array.isArray(value)) throw badPickle("arguments are not a tuple.");
    return value;
  };
  const popText = (): string => {
    const value = pop();
    if (typeof value !== "string") throw badPickle("a name is not a string.");
    return value;
  };
  const reference = (module: string, name: string) => push({ python: "class", name: admitName(module, name) });
  const call = (target: PickleValue, callArguments: readonly PickleValue[]): void => {
    if (!isPickleClass(target)) throw badPickle("it calls something that is not a class.");
    const made = options.calls.get(target.name)?.(callArguments);
    push(
      made ?? {
        python: "object",
        name: target.name,
        arguments: callArguments,
        state: null,
        items: [],
        entries: new Map(),
      },
    );
  };
  const addItems = (items: readonly PickleValue[]): void => {
    const target = top();
    const add = isPickleObject(target) ? target.items : target;
    if (Array.isArray(add)) for (const item of items) add.push(item);
    else if (add instanceof Set) for (const item of items) add.add(item);
    else throw badPickle("it adds items to something that is not a list or a set.");
  };
  const setEntries = (items: readonly PickleValue[]): void => {
    const target = top();
    const entries = isPickleObject(target) ? target.entries : target;
    if (!(entries instanceof Map) || items.length % 2 !== 0)
      throw badPickle("it sets entries of something that is not a dict.");
    for (let i = 0; i < items.length; i += 2) entries.set(items[i]!, items[i + 1]!);
  };
  const build = (state: PickleValue): void => {
    const target = top();
    if (isPickleObject(target)) (target as Mutable<PickleObject>).state = state;
    else if (typeof target !== "object" || target === null || isPickleClass(target))
      throw badPickle("it sets the state of something that has none.");
    // Attributes of known containers and tensors, such as `_metadata` of a state_dict, are dropped.
  };
  const recall = (index: number): void => {
    const value = memo.get(index);
    if (value === undefined) throw badPickle(`it refers to the memo ${index}, which is not set.`);
    push(value);
  };
  const remember = (index: number): void => {
    if (!Number.isSafeInteger(index) || index < 0) throw badPickle("a memo index is not a count.");
    memo.set(index, top());
  };
  const buffer = (width: 1 | 4 | 8): Uint8Array => new Uint8Array(bytes.take(bytes.unsigned(width)));
  const text = (width: 1 | 2 | 4 | 8): string => bytes.text(bytes.unsigned(width));
  const pairs = (items: readonly PickleValue[]): void => {
    push(new Map());
    setEntries(items);
  };

  for (;;) {
    const opcode = String.fromCharCode(bytes.unsigned(1));
    switch (opcode) {
      case "\x80": {
        const protocol = bytes.unsigned(1);
        if (protocol > 5) throw badPickle(`protocol ${protocol} is unknown.`, { protocol });
        break;
      }
      case "\x95":
        bytes.unsigned(8);
        break;
      case ".": {
        const value = pop();
        checkDepth(value);
        return { value, end: bytes.position() };
      }
      case "(":
        if (marks.length >= mostValues) throw badPickle("it has too many marks.");
        marks.push(stack.length);
        break;
      case "0":
        if (stack.length > (marks.at(-1) ?? 0)) stack.pop();
        else popMark();
        break;
      case "1":
        popMark();
        break;
      case "2":
        push(top());
        break;
      case "N":
        push(null);
        break;
      case "\x88":
        push(true);
        break;
      case "\x89":
        push(false);
        break;
      case "I": {
        const line = bytes.line();
        push(line === "00" ? false : line === "01" ? true : integer(line));
        break;
      }
      case "L":
        push(integer(bytes.line().replace(/L$/, "")));
        break;
      case "J":
        push(bytes.signed());
        break;
      case "K":
        push(bytes.unsigned(1));
        break;
      case "M":
        push(bytes.unsigned(2));
        break;
      case "\x8a":
        push(integerOf(bytes.take(bytes.unsigned(1))));
        break;
      case "\x8b":
        push(integerOf(bytes.take(bytes.unsigned(4))));
        break;
      case "F": {
        const line = bytes.line();
        const value = Number(line.replace(/inf$/, "Infinity"));
        if (Number.isNaN(value) && line !== "nan") throw badPickle(`"${line}" is not a number.`);
        push(value);
        break;
      }
      case "G":
        push(bytes.float());
        break;
      case "S":
        push(strictText(escapedBytes(bytes.line())));
        break;
      case "V":
        push(escapedText(bytes.line()));
        break;
      case "U":
      case "\x8c":
        push(text(1));
        break;
      case "T":
      case "X":
        push(text(4));
        break;
      case "\x8d":
        push(text(8));
        break;
      case "C":
        push(buffer(1));
        break;
      case "B":
        push(buffer(4));
        break;
      case "\x8e":
      case "\x96":
        push(buffer(8));
        break;
      case ")":
      case "]":
        push([]);
        break;
      case "\x85":
      case "\x86":
      case "\x87": {
        const items: PickleValue[] = [];
        for (let i = opcode.charCodeAt(0); i >= 0x85; i--) items.unshift(pop());
        push(items);
        break;
      }
      case "t":
      case "l":
        push(popMark());
        break;
      case "}":
        push(new Map());
        break;
      case "d":
        pairs(popMark());
        break;
      case "\x8f":
        push(new Set());
        break;
      case "\x91":
        push(new Set(popMark()));
        break;
      case "a":
        addItems([pop()]);
        break;
      case "e":
      case "\x90":
        addItems(popMark());
        break;
      case "s": {
        const value = pop();
        setEntries([pop(), value]);
        break;
      }
      case "u":
        setEntries(popMark());
        break;
      case "p":
        remember(Number(bytes.line()));
        break;
      case "q":
        remember(bytes.unsigned(1));
        break;
      case "r":
        remember(bytes.unsigned(4));
        break;
      case "\x94":
        remember(memo.size);
        break;
      case "g":
        recall(Number(bytes.line()));
        break;
      case "h":
        recall(bytes.unsigned(1));
        break;
      case "j":
        recall(bytes.unsigned(4));
        break;
      case "c":
        reference(bytes.line(), bytes.line());
        break;
      case "\x93": {
        const name = popText();
        reference(popText(), name);
        break;
      }
      case "R":
      case "\x81": {
        const callArguments = popList();
        call(pop(), callArguments);
        break;
      }
      case "\x92": {
        const named = pop();
        if (!(named instanceof Map)) throw badPickle("named arguments are not a dict.");
        const callArguments = popList();
        call(pop(), named.size > 0 ? [...callArguments, named] : callArguments);
        break;
      }
      case "i": {
        const callArguments = popMark();
        reference(bytes.line(), bytes.line());
        call(pop(), callArguments);
        break;
      }
      case "o": {
        const [target = null, ...callArguments] = popMark();
        call(target, callArguments);
        break;
      }
      case "b":
        build(pop());
        break;
      case "Q":
        push(options.persistent(pop()));
        break;
      case "P":
        push(options.persistent(bytes.line()));
        break;
      default:
        throw badPickle(
          `the opcode 0x${opcode.charCodeAt(0).toString(16)} at byte ${bytes.position() - 1} is not read here.`,
          {
            opcode: opcode.charCodeAt(0),
          },
        );
    }
  }
}
