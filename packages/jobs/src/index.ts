export type {
  Application,
  ApplicationContext,
  ApplicationEvent,
  ApplicationFrame,
  Artifact,
  Media,
} from "./application.ts";
export { type FileOptions, file, fileOptions } from "./file-input.ts";
