import type { JSX } from "preact";
import { Icon } from "./icon.tsx";

export interface ProvenanceProps {
  readonly url: string;
  readonly name: string;
  readonly mime: string;
  readonly digitalSourceType: string | null;
  readonly warnings: readonly string[];
}

const kinds: Readonly<Record<string, string>> = {
  trainedAlgorithmicMedia: "made by a model",
  compositeWithTrainedAlgorithmicMedia: "a picture that a model changed",
};

/** The finished file: watch it, keep it, and what it says about where it comes from. */
export const Provenance = ({ url, name, mime, digitalSourceType, warnings }: ProvenanceProps): JSX.Element => {
  const kind = digitalSourceType?.split("/").at(-1) ?? "";
  return (
    <div class="provenance">
      {mime.startsWith("video/") && (
        <details>
          <summary>Watch the film</summary>
          {/* biome-ignore lint/a11y/useMediaCaption: the words are the visitor's own */}
          <video src={url} controls playsInline />
        </details>
      )}
      <a class="button secondary" href={url} download={name}>
        <Icon name="download" /> Download {name}
      </a>
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <p class="hint">
        Marked inside the file as {kinds[kind] ?? "made by AI"}
        {kind && (
          <>
            {" "}
            (<code>{kind}</code>)
          </>
        )}
        . Check it with <code>prosopon verify {name}</code>.
      </p>
    </div>
  );
};
