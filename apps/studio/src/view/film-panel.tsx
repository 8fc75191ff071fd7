import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { film } from "../state/performance.ts";
import { filmConsent, forgetFilm, sourceFilm, useFilm } from "../state/source-film.ts";
import { Consent } from "./consent.tsx";
import { FileButton } from "./file-button.tsx";
import { Icon } from "./icon.tsx";

const wrong = signal("");

const take = (file: File): void => {
  wrong.value = file.type.startsWith("video/") ? "" : "This is no film. Try an MP4 or WebM file.";
  if (!wrong.value) useFilm(file);
};

/** Bring a film, or take the one that was just made. */
export const FilmPanel = (): JSX.Element => {
  const chosen = sourceFilm.value;
  const made = film.value;
  return (
    <section class="panel" aria-labelledby="film-title">
      <header class="panel-head">
        <h2 id="film-title">
          <span class="step">1</span> Film
        </h2>
      </header>
      <p class="hint">Its face will say what you record or choose below. The largest face speaks.</p>
      <div class="row">
        <FileButton
          label={chosen ? "Another film" : "Choose a film"}
          accept="video/mp4,video/webm"
          main={!chosen}
          take={take}
        />
        {made?.mime.startsWith("video/") && (
          <button type="button" class="secondary grow" onClick={() => useFilm(made.content)}>
            <Icon name="film" /> The one just made
          </button>
        )}
        {chosen && (
          <button type="button" class="secondary" onClick={forgetFilm}>
            <Icon name="close" /> Remove it
          </button>
        )}
      </div>
      {chosen && (
        <Consent
          given={filmConsent}
          text="I am the person in this film, they agreed to this use, or nobody real is in it."
        />
      )}
      {wrong.value && (
        <p class="trouble" role="alert">
          {wrong.value}
        </p>
      )}
    </section>
  );
};
