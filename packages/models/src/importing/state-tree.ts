/** What is known of a tensor without its values. */
export interface TreeTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** A place of a state_dict with all that stands below it. */
export interface TreeNode {
  /** Last part of its name; "" for the whole. */
  readonly name: string;
  /** Tensors at and below it. */
  readonly tensors: number;
  /** Numbers in them. */
  readonly values: number;
  /** Where the node is a tensor. */
  readonly tensor?: TreeTensor;
  readonly children: readonly TreeNode[];
}

interface Growing {
  readonly name: string;
  tensors: number;
  values: number;
  tensor?: TreeTensor;
  readonly children: Map<string, Growing>;
}

const grown = (name: string): Growing => ({ name, tensors: 0, values: 0, children: new Map() });
const finished = ({ children, ...rest }: Growing): TreeNode => ({
  ...rest,
  children: Array.from(children.values(), finished),
});

/** The tree of dotted names, in their order, with counts at every place. */
export function stateTree(entries: Iterable<readonly [name: string, tensor: TreeTensor]>): TreeNode {
  const root = grown("");
  for (const [name, tensor] of entries) {
    const values = tensor.shape.reduce((product, n) => product * n, 1);
    let node = root;
    for (const part of ["", ...name.split(".")]) {
      if (part !== "" || node !== root) {
        let child = node.children.get(part);
        if (!child) {
          child = grown(part);
          node.children.set(part, child);
        }
        node = child;
      }
      node.tensors++;
      node.values += values;
    }
    node.tensor = tensor;
  }
  return finished(root);
}

const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** The tree as indented lines: a tensor's type and shape, a place's counts. Chains of single places stand on one line. */
export function treeLines(node: TreeNode, indent = 0): readonly string[] {
  return node.children.flatMap((child) => {
    let [name, one] = [child.name, child];
    while (!one.tensor && one.children.length === 1) {
      one = one.children[0]!;
      name += `.${one.name}`;
    }
    const { tensor, tensors, values } = one;
    const what = tensor
      ? `${tensor.dtype} [${tensor.shape.join(", ")}]`
      : `${count(tensors)} tensors, ${count(values)} values`;
    return [`${"  ".repeat(indent)}${name}: ${what}`, ...treeLines(one, indent + 1)];
  });
}
