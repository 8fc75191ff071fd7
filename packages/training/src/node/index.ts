export {
  type Checkpoint,
  type CheckpointFolder,
  type CheckpointFolderOptions,
  checkpointFolder,
  loadCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
export { type LossLog, type LossLogOptions, openLossLog } from "./loss-log.ts";
export { trainingEnvironment } from "./training-environment.ts";
