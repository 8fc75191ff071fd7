import { computed, signal } from "@preact/signals";

/** A film of the visitor's whose face is to say something else. */
export interface SourceFilm {
  readonly content: Blob;
  /** For showing it. */
  readonly url: string;
}

export const sourceFilm = signal<SourceFilm | undefined>(undefined);
export const filmConsent = signal(false);
export const filmReady = computed(() => sourceFilm.value !== undefined && filmConsent.value);

export function useFilm(content: Blob): void {
  forgetFilm();
  sourceFilm.value = { content, url: URL.createObjectURL(content) };
}

export function forgetFilm(): void {
  if (sourceFilm.value) URL.revokeObjectURL(sourceFilm.value.url);
  sourceFilm.value = undefined;
  filmConsent.value = false;
}
