/** The shape of a wav2vec 2.0 network (Baevski et al. 2020) with group normalisation in its first layer and post-norm transformer blocks. */
export interface Wav2Vec2Config {
  /** Layers of the feature extractor, all without bias: [channels, kernel, stride]. */
  readonly convolutions: readonly (readonly [channels: number, kernel: number, stride: number])[];
  /** Width of the transformer. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside the feed-forward blocks. */
  readonly inner: number;
  /** Kernel of the convolution that stands for positions. */
  readonly positionKernel: number;
  readonly positionGroups: number;
  /** Characters of the CTC head; absent: no head. */
  readonly labels?: number;
}

const published = {
  convolutions: [
    [512, 10, 5],
    [512, 3, 2],
    [512, 3, 2],
    [512, 3, 2],
    [512, 3, 2],
    [512, 2, 2],
    [512, 2, 2],
  ],
  positionKernel: 128,
  positionGroups: 16,
} as const;

/** wav2vec2-base (95 M parameters); with its 32-way head base-960h. */
export const wav2vec2Base: Wav2Vec2Config = { ...published, width: 768, layers: 12, heads: 12, inner: 3072 };

/** wav2vec2-large (317 M) with torchaudio's 29 characters: `-` (blank), `|`, then E T A O N I H S R D L U M W C F G Y P B V K ' X J Q Z. */
export const wav2vec2LargeLetters: Wav2Vec2Config = {
  ...published,
  width: 1024,
  layers: 24,
  heads: 16,
  inner: 4096,
  labels: 29,
};

/** How many vectors the extractor gives for so many samples; 0 when there are too few for one. */
export const extractedLength = ({ convolutions }: Wav2Vec2Config, samples: number): number =>
  convolutions.reduce(
    (length, [, kernel, stride]) => (length < kernel ? 0 : Math.floor((length - kernel) / stride) + 1),
    samples,
  );

/** The fewest samples that give one vector: 400 for the published networks. */
export const fewestSamples = ({ convolutions }: Wav2Vec2Config): number =>
  convolutions.reduceRight((length, [, kernel, stride]) => (length - 1) * stride + kernel, 1);

/** Samples from one vector to the next: 320 for the published networks. */
export const samplesPerVector = ({ convolutions }: Wav2Vec2Config): number =>
  convolutions.reduce((product, [, , stride]) => product * stride, 1);
