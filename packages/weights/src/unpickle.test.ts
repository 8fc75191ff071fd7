import { isProsoponError } from "@prosopon/errors";
import { describe, expect, it } from "vitest";
import { unpickleTorch } from "./torch-pickle.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const read = (text: string) => unpickleTorch(bytesOf(text)).value;

describe("unpickle", () => {
  // Each stream is what Python's pickle.dumps gives for the value, protocols 0 to 5.
  it.each<[string, unknown]>([
    ["I42\n.", 42],
    ["I01\n.", true],
    ["I00\n.", false],
    ["L1208925819614629174706176L\n.", 2n ** 80n],
    ["F1.5\n.", 1.5],
    ["F-inf\n.", Number.NEGATIVE_INFINITY],
    ["G?\xf8\x00\x00\x00\x00\x00\x00.", 1.5],
    ["Va\\u03bb\n.", "aλ"],
    ["S'it\\'s\\n\\xce\\xbb'\n.", "it's\nλ"],
    ["\x80\x02\x8a\x01\xff.", -1],
    ["\x80\x02\x8a\x00.", 0],
    ["\x80\x02\x8a\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01.", 2n ** 80n],
    ["\x80\x02J\xff\xff\xff\xff.", -1],
    ["(lp0\nI1\naI2\na.", [1, 2]],
    ["(dp0\nS'a'\np1\nN s.".replace(" ", ""), new Map([["a", null]])],
    ["\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8f\x94(K\x01K\x02\x90.", new Set([1, 2])],
    ["\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00ab\x94.", new Uint8Array([97, 98])],
    ["\x80\x03C\x02\x00\xff.", new Uint8Array([0, 255])],
    [
      "\x80\x02c_codecs\nencode\nX\x04\x00\x00\x00\xc3\xbf01X\x06\x00\x00\x00latin1\x86R.",
      new Uint8Array([255, 48, 49]),
    ],
    ["\x80\x02ccollections\nOrderedDict\n]q\x00(]q\x01(K\x01K\x02ee\x85R.", new Map([[1, 2]])],
    [
      "\x80\x02cargparse\nNamespace\n)\x81}X\x01\x00\x00\x00aK\x01sb.",
      {
        python: "object",
        name: "argparse.Namespace",
        arguments: [],
        state: new Map([["a", 1]]),
        items: [],
        entries: new Map(),
      },
    ],
    ["\x80\x02cmain\nImageLogger\n.", { python: "class", name: "main.ImageLogger" }],
  ])("%j", (stream, value) => {
    expect(read(stream)).toEqual(value);
  });

  it("shares what the pickle shares, and allows a cycle", () => {
    const value = read("\x80\x02]q\x00(]q\x01h\x01h\x00e.") as unknown[];
    expect(value[0]).toBe(value[1]);
    expect(value[2]).toBe(value);
  });

  it.each([
    "cos\nsystem\n.",
    "cposix\nsystem\n.",
    "cnt\nsystem\n.",
    "csubprocess\nPopen\n.",
    "ccommands\nPopen\n.",
    "c__builtin__\neval\n.",
    "cbuiltins\nexec\n.",
    "cbuiltins\n__import__\n.",
    "c__builtin__\ngetattr\n.",
    "ctorch\nload\n.",
    "ctorch.serialization\nload\n.",
    "ctorch.hub\nload\n.",
    "ctorch.utils.cpp_extension\nload_inline\n.",
    "ctorch\nnn.os.system\n.",
    "cpytorch_lightning.utilities.os\nsystem\n.",
    "cnumpy\nload\n.",
    "cnumpy.testing._private.utils\nrunstring\n.",
    "cimportlib\nimport_module\n.",
    "cpickle\nloads\n.",
    "cfunctools\npartial\n.",
    "cmy_project\nThing.__init__.__globals__\n.",
    "(S'x'\nios\nsystem\n.",
    "\x80\x04\x8c\x02os\x8c\x06system\x93.",
  ])("refuses the name in %j", (stream) => {
    expect(() => read(stream)).toThrow(/could run code/);
  });

  it.each([
    ["torch", "float16"],
    ["torch.nn.modules.linear", "Linear"],
    ["torch.optim.lr_scheduler", "LambdaLR"],
    ["__main__", "Config"],
    ["omegaconf.dictconfig", "DictConfig"],
    ["numpy.core.multiarray", "scalar"],
    ["pathlib", "PosixPath"],
    ["datetime", "datetime"],
  ])("lets %s.%s stand as a name", (module, name) => {
    expect(read(`c${module}\n${name}\n.`)).toEqual({ python: "class", name: `${module}.${name}` });
  });

  const dictOf = (depth: number) => `${"]".repeat(depth)}${"a".repeat(depth - 1)}.`;
  it.each<[string, string, RegExp]>([
    ["nesting beyond 1000", dictOf(1100), /nested more than 1000/],
    [
      "nesting hidden behind shared parts",
      `](${Array.from({ length: 1100 }, (_, i) => (i === 0 ? "]p0\n" : `]g${i - 1}\na`) + (i === 0 ? "" : `p${i}\n`)).join("")}e.`,
      /nested more than 1000/,
    ],
    ["a huge length", "\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", /ends after/],
    ["a huge integer", `\x80\x02\x8b\x00\x10\x00\x00${"1".repeat(4096)}.`, /too long/],
    ["a memo that is not set", "h\x05.", /memo 5/],
    ["an empty stack", ".", /stack is empty/],
    ["a value below a mark", "K\x01(\x85.", /stack is empty/],
    ["an unknown opcode", "<html>", /opcode 0x3c/],
    ["the extension registry", "\x82\x01.", /opcode 0x82/],
    ["an out-of-band buffer", "\x80\x05\x97.", /opcode 0x97/],
    ["a call of a value", "K\x01)R.", /not a class/],
    ["invalid UTF-8", "X\x01\x00\x00\x00\xff.", /UTF-8/],
    ["a missing end", "K\x01", /ends after 2 bytes/],
    ["a protocol of the future", "\x80\x06N.", /protocol 6/],
    ["too many values", `${"N0".repeat(2_000_001)}.`, /more than 2000000 values/],
  ])("refuses %s", (_, stream, message) => {
    expect(() => read(stream)).toThrow(message);
    try {
      read(stream);
    } catch (error) {
      expect(isProsoponError(error) && error.code).toBe("bad-file");
    }
  });

  it("accepts nesting just under the limit", () => {
    expect(read(dictOf(990))).toBeInstanceOf(Array);
  });
});
