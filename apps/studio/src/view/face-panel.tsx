import { signal } from "@preact/signals";
import { type Person, portrait, scene } from "@prosopon/corpus";
import type { JSX } from "preact";
import {
  choose,
  chosen,
  consent,
  forgetPhotograph,
  meetOthers,
  photograph,
  shelf,
  svgUrl,
  usePhotograph,
} from "../state/face.ts";
import { Consent } from "./consent.tsx";
import { FileButton } from "./file-button.tsx";
import { Icon } from "./icon.tsx";
import { ShapeFace } from "./shape-face.tsx";

const wrong = signal("");

const take = async (file: File): Promise<void> => {
  wrong.value = "";
  await usePhotograph(file).catch(() => {
    wrong.value = "This is no picture that the browser can open. Try a JPEG or PNG file.";
  });
};

const face = (someone: Person): string => svgUrl(portrait(scene({ identity: someone.identity, person: someone })).svg);

/** Choose somebody drawn, shape them, or bring a picture. */
export const FacePanel = (): JSX.Element => {
  const picture = photograph.value;
  return (
    <section class="panel" aria-labelledby="face-title">
      <header class="panel-head">
        <h2 id="face-title">
          <span class="step">1</span> Face
        </h2>
        <button type="button" class="quiet" onClick={meetOthers}>
          <Icon name="shuffle" /> Others
        </button>
      </header>
      <fieldset class="shelf">
        <legend class="unseen">Somebody drawn</legend>
        {shelf.value.map((someone, index) => {
          const current = !picture && chosen.value.identity === someone.identity;
          return (
            <label key={someone.identity} class="tile">
              <input type="radio" name="face" checked={current} onChange={() => choose(someone)} />
              <img src={face(current ? chosen.value : someone)} alt="" draggable={false} />
              <span class="unseen">Person {index + 1}</span>
            </label>
          );
        })}
      </fieldset>
      {!picture && <ShapeFace />}
      <div class="row">
        <FileButton
          label={picture ? "Another picture" : "Use a picture"}
          accept="image/jpeg,image/png,image/webp"
          take={take}
        />
        {picture && (
          <button type="button" class="secondary" onClick={forgetPhotograph}>
            <Icon name="close" /> Remove it
          </button>
        )}
      </div>
      {picture && <Consent given={consent} text="I am the person in this picture, or they agreed to this use." />}
      {wrong.value && (
        <p class="trouble" role="alert">
          {wrong.value}
        </p>
      )}
    </section>
  );
};
