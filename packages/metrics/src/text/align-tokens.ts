/** One step of an alignment. A substitution has both tokens, a deletion only the reference's, an insertion only the hypothesis'. */
export interface AlignmentStep {
  readonly kind: "equal" | "substitution" | "deletion" | "insertion";
  readonly reference?: string;
  readonly hypothesis?: string;
}

/**
 * A shortest edit script from reference to hypothesis (Levenshtein 1966): every edit costs 1. Of equally short ones it takes, from the end,
 * a deletion before an insertion before a substitution, with common ends aligned first: the choice of the library rapidfuzz and so of jiwer.
 * Needs a byte for each pair of tokens between the common ends.
 */
export function alignTokens(reference: readonly string[], hypothesis: readonly string[]): readonly AlignmentStep[] {
  let start = 0;
  let [n, m] = [reference.length, hypothesis.length];
  while (start < n && start < m && reference[start] === hypothesis[start]) start++;
  while (n > start && m > start && reference[n - 1] === hypothesis[m - 1]) {
    n--;
    m--;
  }
  const same = (token: string): AlignmentStep => ({ kind: "equal", reference: token, hypothesis: token });
  return [
    ...reference.slice(0, start).map(same),
    ...middle(reference.slice(start, n), hypothesis.slice(start, m)),
    ...reference.slice(n).map(same),
  ];
}

const [remove, insert, replace] = [1, 2, 3];

function middle(a: readonly string[], b: readonly string[]): readonly AlignmentStep[] {
  const width = b.length + 1;
  const moves = new Uint8Array((a.length + 1) * width);
  let above = Int32Array.from({ length: width }, (_, j) => j);
  moves.fill(insert, 0, width);
  for (let i = 1; i <= a.length; i++) {
    const row = new Int32Array(width);
    row[0] = i;
    moves[i * width] = remove;
    for (let j = 1; j < width; j++) {
      const diagonal = above[j - 1]!;
      const cost = Math.min(above[j]! + 1, row[j - 1]! + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1));
      row[j] = cost;
      moves[i * width + j] = cost === above[j]! + 1 ? remove : row[j - 1]! === diagonal - 1 ? insert : replace;
    }
    above = row;
  }
  const steps: AlignmentStep[] = [];
  for (let i = a.length, j = b.length; i > 0 || j > 0; ) {
    const move = moves[i * width + j]!;
    if (move !== insert) i--;
    if (move !== remove) j--;
    const [one, other] = [a[i]!, b[j]!];
    steps.push(
      move === remove
        ? { kind: "deletion", reference: one }
        : move === insert
          ? { kind: "insertion", hypothesis: other }
          : { kind: one === other ? "equal" : "substitution", reference: one, hypothesis: other },
    );
  }
  return steps.reverse();
}
