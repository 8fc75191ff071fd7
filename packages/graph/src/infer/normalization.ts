import { axisOf, type Inference, integer, need, wrong } from "./inference.ts";

const channelwise =
  (...places: readonly number[]): Inference =>
  (c) => {
    const x = need(c, 0);
    for (const i of places)
      if (`${need(c, i).shape}` !== `${[x.shape[1]]}`)
        throw wrong(`input ${i} has shape [${need(c, i).shape}], not [${x.shape[1]}].`);
    return [{ dtype: x.dtype, shape: x.shape }];
  };

export const normalizationInferences = (): Record<string, Inference> => ({
  BatchNormalization: channelwise(1, 2, 3, 4),
  InstanceNormalization: channelwise(1, 2),
  GroupNormalization: (c) => {
    const groups = integer(c.attributes["num_groups"], 0);
    if (!(groups > 0) || need(c, 0).shape[1]! % groups !== 0)
      throw wrong(`${need(c, 0).shape[1]} channels do not divide into ${groups} groups.`);
    return channelwise(1, 2)(c);
  },
  LayerNormalization: (c) => {
    const x = need(c, 0);
    const axis = axisOf(integer(c.attributes["axis"], -1), x.shape.length);
    if (`${need(c, 1).shape}` !== `${x.shape.slice(axis)}`)
      throw wrong(`the scale [${need(c, 1).shape}] is not [${x.shape.slice(axis)}].`);
    const result = { dtype: x.dtype, shape: x.shape };
    if ((c.outputs ?? 1) < 2) return [result];
    // Mean and 1 / sqrt(variance + epsilon).
    const statistic = { dtype: x.dtype, shape: x.shape.map((d, i) => (i < axis ? d : 1)) };
    return [result, statistic, statistic].slice(0, c.outputs);
  },
});
