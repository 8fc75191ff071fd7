import type { JSX } from "preact";

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  /** How the value is told; default the number. */
  readonly told?: string;
  readonly hint?: string;
  readonly onChange: (value: number) => void;
}

/** A labelled range with its value beside it. */
export const Slider = ({ label, value, least, most, step, told, hint, onChange }: SliderProps): JSX.Element => (
  <label class="slider">
    <span class="slider-label">{label}</span>
    <span class="slider-value" aria-hidden="true">
      {told ?? value}
    </span>
    <input
      type="range"
      min={least}
      max={most}
      step={step}
      value={value}
      aria-valuetext={told ?? String(value)}
      style={`--filled:${(100 * (value - least)) / (most - least)}%`}
      onInput={(event) => onChange(Number(event.currentTarget.value))}
    />
    {hint && <span class="hint">{hint}</span>}
  </label>
);
