import type { JSX } from "preact";
import { drawing, photograph } from "../state/face.ts";
import { emotions } from "../state/gateway.ts";
import { emotion, intensity, mode, pull, shown, steps, strength } from "../state/settings.ts";
import { Slider } from "./slider.tsx";

const ranges = {
  speak: { pull: [1, 4, 0.25], steps: [1, 12, 1] },
  feel: { pull: [1, 6, 0.25], steps: [4, 40, 2] },
} as const;

const pulls = (value: number): string => (value <= 1 ? "plain" : value < 3 ? "clear" : value < 6 ? "strong" : "fierce");

/** How the sliders of the present use are set. */
const Sliders = (): JSX.Element => {
  const use = mode.value === "feel" ? "feel" : "speak";
  const [pullLeast, pullMost, pullStep] = ranges[use].pull;
  const [stepsLeast, stepsMost, stepsStep] = ranges[use].steps;
  return (
    <div class="sliders">
      {use === "feel" && (
        <Slider
          label="Strength"
          value={strength.value}
          told={`${Math.round(100 * strength.value)} %`}
          least={0.1}
          most={0.9}
          step={0.05}
          hint="How much is made anew"
          onChange={(value) => {
            strength.value = value;
          }}
        />
      )}
      {mode.value === "speak" && (
        <Slider
          label="Strength"
          value={intensity.value}
          told={["slight", "clear", "strong"][intensity.value - 1]!}
          least={1}
          most={3}
          step={1}
          hint="How much it shows"
          onChange={(value) => {
            intensity.value = value;
          }}
        />
      )}
      <Slider
        label="Guidance"
        value={pull[use].value}
        told={`${pull[use].value} · ${pulls(pull[use].value)}`}
        least={pullLeast}
        most={pullMost}
        step={pullStep}
        hint="How hard the emotion pulls"
        onChange={(value) => {
          pull[use].value = value;
        }}
      />
      <Slider
        label="Steps"
        value={steps[use].value}
        least={stepsLeast}
        most={stepsMost}
        step={stepsStep}
        hint="More take longer, look finer"
        onChange={(value) => {
          steps[use].value = value;
        }}
      />
      {use === "feel" && photograph.value && (
        <label class="field">
          <span>The picture shows now</span>
          <select
            value={shown.value}
            onChange={(event) => {
              shown.value = event.currentTarget.value;
            }}
          >
            <option value="">Find out</option>
            {emotions.value.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
};

/** Pick an emotion, and how strongly it shows. */
export const FeelingPanel = (): JSX.Element => (
  <section class="panel" aria-labelledby="feeling-title">
    <header class="panel-head">
      <h2 id="feeling-title">
        <span class="step">2</span> Feeling
      </h2>
    </header>
    <fieldset class="feelings">
      <legend class="unseen">Emotion</legend>
      {emotions.value.map((name) => (
        <label key={name} class="tile">
          <input
            type="radio"
            name="emotion"
            value={name}
            checked={emotion.value === name}
            onChange={() => {
              emotion.value = name;
            }}
          />
          <img src={drawing(name, { intensity: 3 })} alt="" draggable={false} />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
    {mode.value === "dub" && <p class="hint">In a film it shows in the lower face only.</p>}
    <Sliders />
  </section>
);
