import type { Tensor } from "@prosopon/graph";
import type { DataSource, StepProgram, TrainingState } from "@prosopon/training";

/** What every training run takes. */
export interface RecipeOptions {
  /** Folder of the run: checkpoints, losses, samples. Made if absent; a run found there goes on. */
  readonly folder: string;
  /** Folder for rendered pictures and other intermediate files that runs share. */
  readonly cache: string;
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Weights to start from: a safetensors file, or the folder of another run or of a model. */
  readonly from?: string;
  /** Recipe's own settings, such as the architecture. */
  readonly settings: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called while something long is prepared. */
  readonly onProgress?: (label: string, done: number, total: number) => void;
}

export interface PreparedRecipe extends AsyncDisposable {
  readonly program: StepProgram;
  readonly data: DataSource;
  /** Metrics (scalars) that join the losses in the record. */
  readonly columns: readonly string[];
  /** Weights that the run starts from. */
  readonly weights?: ReadonlyMap<string, Tensor>;
  /** Completes the averaged weights at the end of the run. */
  finish?(weights: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>>;
  /** Looks at the model: writes pictures or scores beside the checkpoint, and gives what should be said about them. */
  look?(state: TrainingState, step: number): Promise<Readonly<Record<string, number>>>;
}

export interface RecipeSetting {
  readonly default: string;
  readonly description: string;
  /** What it may be: one of these words, or a number. Anything, if not given. */
  readonly choices?: readonly string[];
  readonly number?: { readonly least: number; readonly most?: number; readonly whole?: boolean };
}

/** Data set x model x loss = a training run. */
export interface Recipe {
  readonly name: string;
  readonly description: string;
  readonly defaults: { readonly steps: number; readonly batch: number; readonly learningRate: number };
  /** Its own settings with their defaults and what they mean. */
  readonly settings: Readonly<Record<string, RecipeSetting>>;
  prepare(options: RecipeOptions): Promise<PreparedRecipe>;
}
