import { isProsoponError } from "@prosopon/errors";
import { describe, expect, it } from "vitest";
import { emotionAliases, emotionIndex, emotionOf, emotions } from "./emotion.ts";

describe("emotions", () => {
  it("are the eight, in index order", () => {
    expect(emotions).toEqual(["neutral", "happy", "sad", "surprised", "scared", "disgusted", "angry", "contempt"]);
    for (const [index, emotion] of emotions.entries()) {
      expect(emotionIndex(emotion)).toBe(index);
      expect(emotionOf(index)).toBe(emotion);
    }
  });

  it("know the nouns of other data sets, in any case", () => {
    const nouns = ["happiness", "sadness", "surprise", "fear", "disgust", "anger"];
    expect(Object.keys(emotionAliases)).toEqual(nouns);
    expect(nouns.map((noun) => emotionIndex(noun))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(emotionOf(" Fear ")).toBe("scared");
  });

  it.each(["joy", "", "toString", 8, -1, 0.5])("refuse %j and list the eight", (wrong) => {
    let caught: unknown;
    try {
      emotionOf(wrong);
    } catch (error) {
      caught = error;
    }
    expect(isProsoponError(caught) && caught.code).toBe("bad-input");
    for (const emotion of emotions) expect(String(caught)).toContain(emotion);
  });
});
