import { ProsoponError } from "@prosopon/errors";
import { backgroundStyles, type Scene } from "./scene.ts";

/**
 * Refuses scenes that could only be drawn wrong: numbers that are none, unknown backgrounds.
 * @throws ProsoponError `bad-input` that names the field.
 */
export function checkScene(scene: Scene): void {
  const { pose, gaze, blink, light, framing, background } = scene;
  if (!backgroundStyles.includes(background.style)) {
    throw new ProsoponError("bad-input", `Unknown background style ${JSON.stringify(background.style)}.`, {
      values: { style: background.style },
      mend: `Use one of ${backgroundStyles.join(", ")}.`,
    });
  }
  for (const [group, values] of Object.entries({ pose, gaze, light, framing, eyes: { blink } })) {
    for (const [name, value] of Object.entries(values)) {
      if (Number.isFinite(value)) continue;
      throw new ProsoponError(
        "bad-input",
        `The scene's ${group} has ${name} = ${String(value)}, which is no finite number.`,
        {
          values: { group, name, value },
          mend: "Start from scene(...) or sample(...) and change what you need.",
        },
      );
    }
  }
}
