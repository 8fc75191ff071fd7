import { dubFilm, openTalkingFace } from "@prosopon/applications";
import { checkFilm } from "../check-output.ts";
import type { DubOptions } from "../commands/dub.ts";
import type { Context } from "../context.ts";
import { ffmpegOption } from "../ffmpeg-option.ts";
import { modelFolders } from "../model-folders.ts";
import type { Progress, Reporter } from "../reporter.ts";
import { signingIdentity } from "../signing-identity.ts";

/** `prosopon dub`: a film and a recording in, a dubbed and marked film out. */
export async function dubFile(
  context: Context,
  reporter: Reporter,
  { video, speech }: { readonly video: string; readonly speech: string },
  { output, emotion, steps, guidance, seed, lost, device, model }: DubOptions,
): Promise<void> {
  const started = performance.now();
  const { signal, version } = context;
  await checkFilm(output, [video, speech]);
  await using opened = await openTalkingFace({ folders: modelFolders(context), model, device, signal });
  const loaded = performance.now();
  const dubbing = dubFilm(opened, {
    video,
    speech,
    output,
    emotion,
    seed,
    lost,
    version,
    signer: signingIdentity(context),
    ...ffmpegOption(context),
    signal,
    ...(steps === undefined ? {} : { steps }),
    ...(guidance === undefined ? {} : { guidance }),
  });
  let progress: Progress | undefined;
  let first: number | undefined;
  try {
    for (;;) {
      const { done, value } = await dubbing.next();
      if (!done) {
        first ??= performance.now();
        progress ??= await reporter.progress(value.total ?? 0);
        progress.update(value.index + 1, "dubbing");
        continue;
      }
      progress?.stop();
      progress = undefined;
      const { warnings, ...report } = value;
      for (const warning of warnings) reporter.warn(warning);
      const seconds = (performance.now() - started) / 1000;
      reporter.result(
        {
          command: "dub",
          video,
          speech,
          output,
          model: opened.manifest.name,
          domain: opened.manifest.domain,
          device: opened.host.device,
          emotion,
          ...report,
          generatedFramesPerSecond: report.frames / (seconds - (loaded - started) / 1000),
          firstFrameMs: (first ?? loaded) - loaded,
          loadMs: loaded - started,
          seconds,
        },
        `${output}: ${report.frames} frames, ${report.dubbed} dubbed, in ${seconds.toFixed(1)} s`,
      );
      return;
    }
  } finally {
    progress?.stop();
    await dubbing.return(undefined as never);
  }
}
