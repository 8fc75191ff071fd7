import { beardStyles, type Colour, clothesStyles, glassesStyles, hairStyles } from "@prosopon/corpus";
import type { JSX } from "preact";
import { backdrop, chosen, shape } from "../state/face.ts";
import { Slider } from "./slider.tsx";

const toHex = (colour: Colour): string =>
  `#${colour
    .map((part) =>
      Math.max(0, Math.min(255, Math.round(part)))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
const fromHex = (hex: string): Colour =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour;
const spoken = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** From the lightest skin to the darkest; the colours between are mixed. */
const skins: readonly Colour[] = [
  [255, 226, 206],
  [240, 196, 164],
  [214, 162, 124],
  [172, 118, 82],
  [116, 74, 52],
  [88, 56, 42],
];
function skinAt(tone: number): Colour {
  const low = skins[Math.min(skins.length - 2, Math.floor(tone))]!;
  const high = skins[Math.min(skins.length - 1, Math.floor(tone) + 1)]!;
  const part = Math.min(1, tone - Math.min(skins.length - 2, Math.floor(tone)));
  return low.map((value, i) => value + part * (high[i]! - value)) as unknown as Colour;
}
/** The tone whose colour is nearest. */
function toneOf(colour: Colour): number {
  const tones = Array.from({ length: 51 }, (_, i) => i / 10);
  const away = (tone: number): number => skinAt(tone).reduce((sum, value, i) => sum + (value - colour[i]!) ** 2, 0);
  return tones.reduce((best, tone) => (away(tone) < away(best) ? tone : best), 0);
}

interface ChoiceProps<Name extends string> {
  readonly label: string;
  readonly value: Name;
  readonly among: readonly Name[];
  readonly onChange: (name: Name) => void;
}
const Choice = <Name extends string>({ label, value, among, onChange }: ChoiceProps<Name>): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChange(event.currentTarget.value as Name)}>
      {among.map((name) => (
        <option key={name} value={name}>
          {spoken(name)}
        </option>
      ))}
    </select>
  </label>
);

const Paint = ({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: Colour;
  readonly onChange: (colour: Colour) => void;
}): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <input type="color" value={toHex(value)} onInput={(event) => onChange(fromHex(event.currentTarget.value))} />
  </label>
);

/** Controls that change the chosen person. */
export const ShapeFace = (): JSX.Element => {
  const one = chosen.value;
  return (
    <details class="shape">
      <summary>Shape this face</summary>
      <div class="sliders">
        <Slider label="Age" value={one.age} least={18} most={80} step={1} onChange={(age) => shape({ age })} />
        <Slider
          label="Skin"
          value={toneOf(one.skin)}
          told=" "
          least={0}
          most={5}
          step={0.1}
          onChange={(tone) => shape({ skin: skinAt(tone) })}
        />
        <Slider
          label="Width"
          value={one.faceWidth}
          told=" "
          least={32}
          most={40}
          step={0.1}
          onChange={(faceWidth) => shape({ faceWidth })}
        />
        <Slider
          label="Jaw"
          value={one.jawSquareness}
          told=" "
          least={-0.2}
          most={1.1}
          step={0.05}
          onChange={(jawSquareness) => shape({ jawSquareness })}
        />
        <Slider
          label="Eyes"
          value={one.eyeHeight}
          told=" "
          least={0.75}
          most={1.3}
          step={0.01}
          onChange={(eyeHeight) => shape({ eyeHeight })}
        />
        <Slider
          label="Nose"
          value={one.noseWidth}
          told=" "
          least={5}
          most={10}
          step={0.1}
          onChange={(noseWidth) => shape({ noseWidth })}
        />
        <Slider
          label="Mouth"
          value={one.mouthWidth}
          told=" "
          least={11}
          most={15}
          step={0.1}
          onChange={(mouthWidth) => shape({ mouthWidth })}
        />
        <Slider
          label="Brows"
          value={one.browThickness}
          told=" "
          least={1.2}
          most={4.2}
          step={0.1}
          onChange={(browThickness) => shape({ browThickness })}
        />
      </div>
      <div class="fields">
        <Choice label="Hair" value={one.hair} among={hairStyles} onChange={(hair) => shape({ hair })} />
        <Choice label="Beard" value={one.beard} among={beardStyles} onChange={(beard) => shape({ beard })} />
        <Choice label="Glasses" value={one.glasses} among={glassesStyles} onChange={(glasses) => shape({ glasses })} />
        <Choice label="Clothes" value={one.clothes} among={clothesStyles} onChange={(clothes) => shape({ clothes })} />
        <Paint label="Hair colour" value={one.hairColour} onChange={(hairColour) => shape({ hairColour })} />
        <Paint
          label="Clothes colour"
          value={one.clothesColour}
          onChange={(clothesColour) => shape({ clothesColour })}
        />
        <Choice
          label="Behind"
          value={backdrop.value}
          among={["studio", "dusk", "meadow"]}
          onChange={(name) => {
            backdrop.value = name;
          }}
        />
      </div>
    </details>
  );
};
