import type { JSX } from "preact";
import { Icon } from "./icon.tsx";

export interface FileButtonProps {
  readonly label: string;
  /** Kinds of files, as of `<input accept>`. */
  readonly accept: string;
  readonly main?: boolean;
  readonly disabled?: boolean;
  readonly take: (file: File) => void;
}

/** A button that asks for a file; the same file may be given twice in a row. */
export const FileButton = ({ label, accept, main = false, disabled = false, take }: FileButtonProps): JSX.Element => (
  <label class={main ? "button primary grow" : "button secondary grow"}>
    <Icon name="upload" /> {label}
    <input
      type="file"
      class="unseen"
      accept={accept}
      disabled={disabled}
      onChange={(event) => {
        const [file] = event.currentTarget.files ?? [];
        if (file) take(file);
        event.currentTarget.value = "";
      }}
    />
  </label>
);
