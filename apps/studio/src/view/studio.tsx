import type { JSX } from "preact";
import { connection, models } from "../state/gateway.ts";
import { mode } from "../state/settings.ts";
import { FacePanel } from "./face-panel.tsx";
import { FeelStage } from "./feel-stage.tsx";
import { FeelingPanel } from "./feeling-panel.tsx";
import { FilmPanel } from "./film-panel.tsx";
import { Gate } from "./gate.tsx";
import { SpeakStage } from "./speak-stage.tsx";
import { VoicePanel } from "./voice-panel.tsx";

const states = { connecting: "Connecting", ready: "Connected", locked: "Needs a key", away: "Not reachable" } as const;

const Mode = ({ name, label }: { readonly name: "speak" | "feel" | "dub"; readonly label: string }): JSX.Element => (
  <label>
    <input
      type="radio"
      name="mode"
      checked={mode.value === name}
      onChange={() => {
        mode.value = name;
      }}
    />
    <span>{label}</span>
  </label>
);

/** The whole page. */
export const Studio = (): JSX.Element => (
  <>
    <a class="skip" href="#stage">
      To the stage
    </a>
    <header class="top">
      <h1>
        <img src="./icon.svg" alt="" width="32" height="32" /> Prosopon
      </h1>
      <fieldset class="modes">
        <legend class="unseen">What the face does</legend>
        <Mode name="speak" label="Speak" />
        <Mode name="feel" label="Feel" />
        <Mode name="dub" label="Dub" />
      </fieldset>
      <p class={`link link-${connection.value}`} role="status">
        {states[connection.value]}
      </p>
    </header>
    <Gate />
    <main class="layout">
      <div class="layout-stage" id="stage" tabIndex={-1}>
        {mode.value === "feel" ? <FeelStage /> : <SpeakStage />}
      </div>
      <div class="layout-panels">
        {mode.value === "dub" ? <FilmPanel /> : <FacePanel />}
        <FeelingPanel />
        {mode.value !== "feel" && <VoicePanel />}
      </div>
    </main>
    <footer class="notice" id="notice">
      <p>
        <strong>What you see here is made by AI.</strong> Pictures and films carry a mark of that inside. Use faces and
        voices only of people who agreed, and say that a film is made when you show it.
      </p>
      <p>
        Pictures are decoded and drawn anew in this page before they are sent, and speech is reduced to its samples, so
        names, places and dates in files stay here; films are sent as they are. The gateway deletes uploads by itself.
        {models.value.length > 0 && ` Models: ${models.value.join(", ")}.`}
      </p>
    </footer>
  </>
);
