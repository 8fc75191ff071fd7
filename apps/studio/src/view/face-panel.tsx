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
import { Icon } from "./icon.tsx";
import { ShapeFace } from "./shape-face.tsx";

const wrong = signal("");

const take = async (file: File | undefined): Promise<void> => {
  if (!file) return;
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
        <label class="button secondary grow">
          <Icon name="upload" /> {picture ? "Another picture" : "Use a picture"}
          <input
            type="file"
            class="unseen"
            accept="image/jpeg,image/png,image/webp"
            onChange={(event) => {
              void take(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }}
          />
        </label>
        {picture && (
          <button type="button" class="secondary" onClick={forgetPhotograph}>
            <Icon name="close" /> Remove it
          </button>
        )}
      </div>
      {picture && (
        <label class="consent">
          <input
            type="checkbox"
            checked={consent.value}
            onChange={(event) => {
              consent.value = event.currentTarget.checked;
            }}
          />
          <span>
            I am the person in this picture, or they agreed to this use. <a href="#notice">What happens to it</a>
          </span>
        </label>
      )}
      {wrong.value && (
        <p class="trouble" role="alert">
          {wrong.value}
        </p>
      )}
    </section>
  );
};
