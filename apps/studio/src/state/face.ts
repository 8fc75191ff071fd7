import { computed, signal } from "@preact/signals";
import { type Emotion, emotions as known, type Person, person, portrait, type Scene, scene } from "@prosopon/corpus";
import { mark } from "@prosopon/provenance";

/** A picture from the visitor, as it will be sent. */
export interface Photograph {
  readonly blob: Blob;
  /** For showing it; lives as long as the page shows it. */
  readonly url: string;
}

const shelfSize = 6;
/** People who make a good first impression: checked by eye. */
const first = [2, 7, 21, 34, 11, 16];

export const shelf = signal<readonly Person[]>(first.map(person));
export const chosen = signal<Person>(person(first[0]!));
export const photograph = signal<Photograph | undefined>(undefined);
export const consent = signal(false);
export const backdrop = signal<"studio" | "dusk" | "meadow">("studio");

const backdrops = {
  studio: { style: "vignette", colour: [176, 186, 196], accent: [224, 222, 216], seed: 0 },
  dusk: { style: "gradient", colour: [74, 66, 104], accent: [206, 142, 132], seed: 0 },
  meadow: { style: "bokeh", colour: [112, 146, 118], accent: [204, 214, 160], seed: 4 },
} as const;

/** The chosen person as a scene, with an emotion and whatever else is given. */
export function sceneOf(emotion: string, given: Partial<Scene> = {}): Scene {
  const shown = known.find((name) => name === emotion) ?? "neutral";
  return scene({
    identity: chosen.value.identity,
    person: chosen.value,
    background: backdrops[backdrop.value],
    emotion: shown as Emotion,
    ...given,
  });
}

/** An SVG as an address for `<img>`. */
export const svgUrl = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;

/** The chosen person as an address for `<img>`. */
export const drawing = (emotion: string, given: Partial<Scene> = {}): string =>
  svgUrl(portrait(sceneOf(emotion, given)).svg);

/** What stands before the camera now: the photograph, else the drawn person without an emotion. */
export const still = computed(() => photograph.value?.url ?? drawing("neutral"));

/** Whether there is a face that may be used. */
export const faceReady = computed(() => photograph.value === undefined || consent.value);

/** What is said of consent: nobody is in a drawing who could refuse. */
export const agreed = (): boolean => photograph.value === undefined || consent.value;

/** Other people on the shelf. */
export function meetOthers(): void {
  shelf.value = Array.from({ length: shelfSize }, () => person(Math.floor(Math.random() * 20_000)));
}

export function choose(someone: Person): void {
  chosen.value = someone;
  forgetPhotograph();
}

/** Changes the chosen person in parts. */
export function shape(change: Partial<Person>): void {
  chosen.value = { ...chosen.value, ...change };
}

/**
 * Takes a picture: decoded and drawn anew, so that what is sent has no name, place or date of the file in it.
 * @throws what the browser says of a file that is no picture.
 */
export async function usePhotograph(file: Blob): Promise<void> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, 1024 / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await blobOf(canvas, "image/jpeg");
  forgetPhotograph();
  photograph.value = { blob, url: URL.createObjectURL(blob) };
}

export function forgetPhotograph(): void {
  if (photograph.value) URL.revokeObjectURL(photograph.value.url);
  photograph.value = undefined;
  consent.value = false;
}

/** The face as a file to send; a drawn one is 256 pixels wide and marked as drawn, its face where the models expect it. */
export async function facePicture(): Promise<Blob> {
  if (photograph.value) return photograph.value.blob;
  const image = new Image();
  image.src = drawing("neutral");
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 256;
  canvas.height = 256;
  canvas.getContext("2d")?.drawImage(image, 0, 0, 256, 256);
  const bytes = new Uint8Array(await (await blobOf(canvas, "image/png")).arrayBuffer());
  const drawn = { software: "Prosopon", note: "aligned portrait" };
  return new Blob([Uint8Array.from(mark(bytes, "image/png", "algorithmicMedia", drawn))], { type: "image/png" });
}

const blobOf = (canvas: HTMLCanvasElement, type: string): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture cannot be written."))), type, 0.92);
  });
