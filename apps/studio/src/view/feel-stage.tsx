import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { faceReady, still } from "../state/face.ts";
import {
  before,
  compared,
  type Feeling,
  feel,
  feelings,
  feelingTrouble,
  stopFeeling,
  working,
} from "../state/feelings.ts";
import { canReenact } from "../state/gateway.ts";
import { emotion } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { Provenance } from "./provenance.tsx";

/** Percent of the picture that shows the edit. */
const edge = signal(50);

const Comparison = ({
  source,
  edited,
  name,
}: {
  readonly source: string;
  readonly edited: string;
  readonly name: string;
}): JSX.Element => (
  <div class="comparison" style={`--edge:${edge.value}%`}>
    <img class="picture" src={edited} alt={`The face, ${name}`} />
    <img class="picture comparison-before" src={source} alt="The face before" />
    <span class="comparison-line" aria-hidden="true" />
    <span class="badge">Before</span>
    <span class="badge badge-right">{name} · AI</span>
    <input
      type="range"
      min="0"
      max="100"
      value={edge.value}
      aria-label="Before and after"
      aria-valuetext={`${edge.value} percent before`}
      onInput={(event) => {
        edge.value = Number(event.currentTarget.value);
      }}
    />
  </div>
);

const Tile = ({ one }: { readonly one: Feeling }): JSX.Element => (
  <label class={`tile result result-${one.state}`}>
    <input
      type="radio"
      name="compared"
      checked={compared.value === one.emotion}
      onChange={() => {
        compared.value = one.emotion;
      }}
    />
    {one.url || one.preview ? (
      <img src={one.url ?? one.preview} alt="" />
    ) : (
      <span class="wait" style={`--done:${one.done}`} />
    )}
    <span>{one.emotion}</span>
  </label>
);

function told(): string {
  if (feelingTrouble.value) return feelingTrouble.value;
  const failed = feelings.value.find(({ state }) => state === "failed");
  if (failed) return `${failed.emotion}: ${failed.message ?? "failed"}`;
  const done = feelings.value.filter(({ state }) => state === "done").length;
  if (working.value) return feelings.value.length > 1 ? `${done} of ${feelings.value.length} done…` : "Working…";
  if (done > 0) return "Done. Drag the line to compare.";
  if (!canReenact.value) return "This gateway has no application that changes emotions.";
  return faceReady.value ? "Ready." : "Say first that the person in the picture agreed.";
}

/** The chosen face, or a look at what becomes of it. */
const Before = ({ look }: { readonly look: string | undefined }): JSX.Element => (
  <>
    <img class="picture" src={look ?? still.value} alt={look ? "The face, half made" : "The chosen face"} />
    {look && <span class="badge">AI</span>}
  </>
);

/** Where the face changes its emotion. */
export const FeelStage = (): JSX.Element => {
  const shown = feelings.value.find((one) => one.emotion === compared.value);
  const bad = feelingTrouble.value !== "" || feelings.value.some(({ state }) => state === "failed");
  const cannot = !canReenact.value || !faceReady.value;
  return (
    <section class="stage" aria-label="Stage">
      <div class={working.value ? "screen screen-busy" : "screen"}>
        {shown?.url && before.value ? (
          <Comparison source={before.value} edited={shown.url} name={shown.emotion} />
        ) : (
          <Before look={working.value ? shown?.preview : undefined} />
        )}
      </div>
      <div class={working.value ? "bar bar-on" : "bar"}>
        {working.value && (
          <progress
            aria-label="Progress"
            value={feelings.value.reduce((sum, { done }) => sum + done, 0)}
            max={Math.max(1, feelings.value.length)}
          />
        )}
      </div>
      <p class={bad ? "status trouble" : "status"} role="status" aria-live="polite">
        {told()}
      </p>
      <div class="row actions">
        {working.value ? (
          <button type="button" class="secondary grow" onClick={stopFeeling}>
            <Icon name="stop" filled /> Cancel
          </button>
        ) : (
          <>
            <button type="button" class="primary grow" disabled={cannot} onClick={() => feel(false)}>
              <Icon name="spark" /> Make it {emotion.value}
            </button>
            <button type="button" class="secondary" disabled={cannot} onClick={() => feel(true)}>
              <Icon name="grid" /> All six
            </button>
          </>
        )}
      </div>
      {feelings.value.length > 1 && (
        <fieldset class="results">
          <legend class="unseen">Compare with</legend>
          {feelings.value.map((one) => (
            <Tile key={one.emotion} one={one} />
          ))}
        </fieldset>
      )}
      {shown?.url && (
        <Provenance
          url={shown.url}
          name={shown.name ?? "picture.png"}
          mime="image/png"
          digitalSourceType={shown.digitalSourceType ?? null}
          warnings={shown.warnings ?? []}
        />
      )}
    </section>
  );
};
