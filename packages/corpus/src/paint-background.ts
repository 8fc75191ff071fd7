import { philox, type Random } from "@prosopon/random";
import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import type { Drawing } from "./drawing.ts";
import type { Background, BackgroundStyle } from "./scene.ts";

const frame = "M0 0H128V128H0Z";

type Painter = (pen: Drawing, background: Background, random: Random) => void;

const wall: Painter = (pen, { colour, accent }) => {
  const fill = pen.linear(
    [0, 0],
    [0, 128],
    [
      [0, mix(colour, accent, 0.35)],
      [1, scale(colour, 0.72)],
    ],
  );
  pen.path(frame, { fill });
};

const painters: Readonly<Record<BackgroundStyle, Painter>> = {
  plain: (pen, { colour, accent }) => {
    pen.path(frame, {
      fill: pen.linear(
        [0, 0],
        [0, 128],
        [
          [0, mix(colour, accent, 0.15)],
          [1, colour],
        ],
      ),
    });
  },
  gradient: (pen, { colour, accent }, random) => {
    const x = 128 * random.uniform();
    pen.path(frame, {
      fill: pen.linear(
        [x, 0],
        [128 - x, 128],
        [
          [0, accent],
          [1, colour],
        ],
      ),
    });
  },
  vignette: (pen, { colour, accent }) => {
    const stops = [
      [0, mix(colour, accent, 0.6)],
      [0.55, colour],
      [1, scale(colour, 0.72)],
    ] as const;
    pen.path(frame, { fill: pen.radial([64, 50], 96, stops) });
  },
  horizon: (pen, { colour, accent }, random) => {
    const y = Math.round(60 + 30 * random.uniform());
    const far = mix(scale(colour, 0.72), accent, 0.3);
    pen.path(frame, {
      fill: pen.linear(
        [0, 0],
        [0, y],
        [
          [0, colour],
          [1, accent],
        ],
      ),
    });
    pen.path(`M0 ${y}H128V128H0Z`, {
      fill: pen.linear(
        [0, y],
        [0, 128],
        [
          [0, far],
          [1, scale(colour, 0.6)],
        ],
      ),
    });
  },
  bokeh: (pen, background, random) => {
    wall(pen, background, random);
    for (let light = 0; light < 9; light += 1) {
      const [x, y, r] = [128 * random.uniform(), 100 * random.uniform(), 5 + 11 * random.uniform()];
      const colour = mix(background.accent, [255, 240, 210], random.uniform() * 0.6);
      pen.glow([x, y], r, r, colour, 0.35 + 0.35 * random.uniform());
    }
  },
  window: (pen, background, random) => {
    wall(pen, background, random);
    const [x, y] = [random.uniform() < 0.5 ? -6 : 88, Math.round(6 + 10 * random.uniform())];
    const [w, h] = [44, 58];
    const pane = mix(background.accent, [255, 255, 255], 0.6);
    const fill = pen.linear(
      [x, y],
      [x + w, y + h],
      [
        [0, pane],
        [1, background.accent],
      ],
    );
    const bars = css(mix(background.colour, [255, 255, 255], 0.35));
    pen.path(`M${x} ${y}h${w}v${h}h${-w}Z`, { fill, opacity: 0.85 });
    pen.path(`M${x + w / 2} ${y}v${h}M${x} ${y + h / 2}h${w}`, { stroke: bars, width: 2 });
  },
  stripes: (pen, background, random) => {
    wall(pen, background, random);
    const step = Math.round(12 + 10 * random.uniform());
    const fill = pen.linear(
      [0, 0],
      [0, 128],
      [
        [0, background.accent, 0.5],
        [1, background.accent, 0.12],
      ],
    );
    let d = "";
    for (let x = Math.round(-10 * random.uniform()); x < 128; x += step) d += `M${x} 0h${step / 2}v128h${-step / 2}Z`;
    pen.path(d, { fill });
  },
};

export function paintBackground({ pen, scene: { background } }: Canvas): void {
  painters[background.style](pen, background, philox(background.seed, "corpus/background"));
}
