import { ProsoponError } from "@prosopon/errors";

const list = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Modules none of whose names a checkpoint needs and some of which run code, start processes or open files. */
const refusedModules = list(
  "os posix nt posixpath ntpath subprocess commands popen2 pty sys shutil socket ctypes _ctypes cffi importlib imp runpy code codeop " +
    "platform pickle cPickle _pickle copy_reg copyreg dill cloudpickle joblib marshal shelve types functools operator _operator " +
    "itertools asyncio threading _thread multiprocessing concurrent webbrowser timeit pdb bdb cProfile profile trace pydoc doctest " +
    "distutils setuptools pip ensurepip venv zipimport winreg _winreg msvcrt _winapi signal tempfile io _io mmap inspect gc weakref " +
    "linecache ast idlelib urllib urllib2 httplib yaml",
);

/** Modules that are refused wherever they stand in a dotted path: a library often re-exports what it imports. */
const refusedAnywhere = list(
  "os posix nt subprocess sys builtins __builtin__ importlib ctypes shutil socket runpy pickle",
);

/** Last parts of a name that run code whatever module lends them. */
const refusedFunctions = list(
  "eval exec execfile compile system popen Popen getattr setattr delattr import_module load loads open globals locals breakpoint " +
    "spawn fork execv execve runstring memmap fromfile loadtxt genfromtxt read_pickle",
);

/** The types of Python's `builtins` that are plain data. Everything else there is refused. */
const builtinTypes = list(
  "set frozenset list dict tuple int long float complex bool str unicode basestring bytes bytearray object slice range xrange type " +
    "NoneType Ellipsis",
);

/** Harmless names of otherwise refused modules, which pickles of plain objects use. */
const inertNames = list("_codecs.encode copy_reg._reconstructor copyreg._reconstructor types.SimpleNamespace");

/** What a checkpoint may name of torch beside classes: the functions that describe a tensor, and constants. */
const torchNames = list(
  "torch._utils._rebuild_tensor torch._utils._rebuild_tensor_v2 torch._utils._rebuild_parameter " +
    "torch._utils._rebuild_parameter_with_state torch._tensor._rebuild_from_type_v2 torch.device torch.dtype " +
    "torch.serialization._get_layout torch.strided torch.contiguous_format torch.preserve_format torch.channels_last " +
    "torch.float torch.double torch.half torch.long torch.int torch.short torch.float16 torch.float32 torch.float64 torch.bfloat16 " +
    "torch.int8 torch.int16 torch.int32 torch.int64 torch.uint8 torch.bool torch.complex64 torch.complex128",
);

function isRefused(module: string, name: string): boolean {
  const path = [...module.split("."), ...name.split(".")];
  const root = path[0]!;
  if (root === "builtins" || root === "__builtin__") return path.length !== 2 || !builtinTypes.has(name);
  const full = path.join(".");
  if (inertNames.has(full)) return false;
  if (refusedModules.has(root) || root === "_codecs" || root === "codecs") return true;
  if (
    path.some((part, i) => refusedAnywhere.has(part) || (/^__\w+__$/.test(part) && !(i === 0 && part === "__main__")))
  )
    return true;
  if (refusedFunctions.has(path.at(-1)!)) return true;
  if (root === "torch") return !torchNames.has(full) && (!/^[A-Z]/.test(path.at(-1)!) || name.includes("."));
  return /^numpy\.(f2py|testing|distutils|ctypeslib)(\.|$)/.test(`${module}.`);
}

/**
 * Checks a name that a pickle refers to. Names of absent classes pass, because nothing is ever looked up or called; a name that would
 * run code in Python is refused even if its value is not needed, because such a file is hostile.
 * @returns the module and the name joined by a dot.
 * @throws `bad-file`.
 */
export function admitName(module: string, name: string): string {
  const full = `${module}.${name}`;
  if (module === "" || name === "" || isRefused(module, name))
    throw new ProsoponError("bad-file", `The checkpoint names "${full}", which could run code in Python.`, {
      values: { name: full },
      mend: "Do not load it; ask its author for a safetensors file.",
    });
  return full;
}
