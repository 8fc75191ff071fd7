/** An absolute path of this host: two names or more below a root, also as ffmpeg tells it (`file:/...`). */
const path = /(?:(?<![\w.:/])|(?<=\bfile:(?:\/\/)?))(?:\/|[A-Za-z]:\\)[\w.@+-]+(?:[\\/][\w.@+-]*[\w@+-])+[\\/]?/g;

/**
 * What a tenant may read of an error's message: a file in the run's own folder by its name, any other path of this host not at all.
 */
export const tenantMessage = (message: string, folder: string): string =>
  message
    .replaceAll(`${folder}/`, "")
    .replaceAll(path, "…")
    .replaceAll(/…(?:, …)+/g, "…");
