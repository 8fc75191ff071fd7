export { type MarkFileOptions, markFile, readFileMark } from "./mark-file.ts";
