export { type EmbeddedJobs, type EmbeddedOptions, embeddedJobs } from "./embedded/embedded-jobs.ts";
export type { Spill } from "./embedded/kept-frames.ts";
export { folderBlobs } from "./node/folder-blobs.ts";
export { type FolderSpillOptions, folderSpill } from "./node/folder-spill.ts";
