import type { StudyPlan } from "@prosopon/metrics";
import { Argument, Command, Option } from "commander";
import type { Context } from "../context.ts";
import type { EditsOptions } from "../evaluate/evaluate-edits.ts";
import type { ImagesOptions } from "../evaluate/evaluate-images.ts";
import type { SetOptions } from "../evaluate/evaluate-set.ts";
import type { TalkOptions } from "../evaluate/evaluate-talk.ts";
import type { TextOptions } from "../evaluate/evaluate-text.ts";
import type { PlanStudyOptions } from "../evaluate/plan-study.ts";
import type { StudyResultsOptions } from "../evaluate/study-results.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

const imagesExamples = `
Examples:
  prosopon evaluate images original.png copy.png
  prosopon evaluate images originals/ copies/ --protocol thesis --table scores.csv
  prosopon evaluate images a.png b.png --lpips alex --trunk alexnet.pth --heads alex.pth --json`;

const setExamples = `
Examples:
  prosopon evaluate set real/ generated/
  prosopon evaluate set real/ generated/ --inception pt_inception-2015-12-05.pth --save-statistics real.safetensors
  prosopon evaluate set real.safetensors generated/ --inception pt_inception-2015-12-05.pth --json`;

const editsExamples = `
EDITS holds a folder for each target emotion, with pictures of the names in SOURCES; or, with --to, the pictures themselves.

Examples:
  prosopon evaluate edits people/ edits/ --protocol thesis --first-stage first-stage-portraits --table edits.md --plot edits.svg
  prosopon evaluate edits people/ happy-people/ --to happy --json`;

const talkExamples = `
Examples:
  prosopon evaluate talk talking.mp4 speech.wav
  prosopon evaluate talk talking.mp4 talking.mp4 --json --plot talking.svg
  prosopon evaluate talk talking.mp4 speech.wav --reference filmed.mp4 --protocol thesis
  prosopon evaluate talk talking.mp4 speech.wav --lip-reader reader.mjs --transcript "bin blue at f two now"`;

const textExamples = `
REF and HYP are files, a line of one for a line of the other, or the text itself.

Examples:
  prosopon evaluate text "bin blue at f two now" "bin blue at v two" --alignment
  prosopon evaluate text said.txt heard.txt --normalize plain --dictionary cmudict.dict --json`;

const studyPlanExamples = `
preference: which of two pictures looks more real. METHODS are folders with pictures of the same names.
naming: which emotion a face shows. Each folder of METHODS holds folders named after emotions.

Examples:
  prosopon evaluate study plan preference ours=edits/happy original=sources --participants 24 -o study
  prosopon evaluate study plan preference ours=a other=b original=c --against ours --participants 24 -o study
  prosopon evaluate study plan naming ours=edits original=photos --participants 27 -o naming`;

const studyResultsExamples = `
Examples:
  prosopon evaluate study results study answers-1.json answers-2.json
  prosopon evaluate study results study answers/ --table shares.md --plot shares.svg --json`;

const protocolOption = () =>
  new Option(
    "--protocol <name>",
    "clean: what is in the files; thesis: what its scripts did with them, docs/metrics.md",
  )
    .choices(["clean", "thesis"])
    .default("clean");

const addFirstStage = (command: Command): Command =>
  command.option("--first-stage <model>", "compare with this first stage's reconstructions of the originals");

const addLpips = (command: Command): Command =>
  command
    .addOption(new Option("--lpips <trunk>", "LPIPS, by weights of yours").choices(["alex", "vgg", "squeeze"]))
    .option("--trunk <file>", "torchvision's weights of the trunk: .pth or .safetensors")
    .option("--heads <file>", "the heads of the package lpips: .pth or .safetensors");

const addTextOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--normalize <how>", "plain: lower case, no punctuation").choices(["none", "plain"]).default("none"),
    )
    .option("--dictionary <file>", "pronunciations in the format of CMUdict, for the viseme rates");

const addOutputOptions = (command: Command, examples: string): Command =>
  command
    .option("--table <file>", "write the table: .md, .csv or .json")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples);

const addPlotOption = (command: Command): Command => command.option("--plot <file>", "draw the numbers: .svg");

export function evaluateCommand(context: Context): Command {
  const command = new Command("evaluate").description(
    "judge pictures, sets of pictures, edits, talking video and transcripts",
  );
  const reporter = (options: { readonly json?: true }) => createReporter(context, options.json === true);

  const images = addOutputOptions(
    command
      .command("images")
      .description("how much pictures resemble others: PSNR, SSIM, MS-SSIM, LPIPS or a distance of our own network")
      .argument("<a>", "a picture or a folder: the reference")
      .argument("<b>", "a picture or a folder with the same names")
      .addOption(protocolOption()),
    imagesExamples,
  );
  addLpips(addFirstStage(images)).action(async (a: string, b: string, options: ImagesOptions) => {
    const { evaluateImages } = await import("../evaluate/evaluate-images.ts");
    await evaluateImages(context, reporter(options), a, b, options);
  });

  addOutputOptions(
    command
      .command("set")
      .description(
        "how much a set of pictures resembles another as a whole: Fréchet and kernel distance, precision, recall",
      )
      .argument("<real>", "a folder, or statistics that --save-statistics wrote")
      .argument("<generated>", "a folder")
      .addOption(protocolOption())
      .option("--inception <file>", "weights of the FID's Inception-v3; default: our own identity network")
      .option("--neighbours <k>", "for precision and recall", numberOption("neighbours", { least: 1, whole: true }), 3)
      .option("--subsets <n>", "of the kernel distance", numberOption("subsets", { least: 1, whole: true }), 100)
      .option(
        "--subset-size <n>",
        "at most this many pictures each",
        numberOption("subset-size", { least: 2, whole: true }),
        1000,
      )
      .option(
        "--bootstrap <n>",
        "resamples for an interval of the Fréchet distance; 0: none",
        numberOption("bootstrap", { least: 0, whole: true }),
        0,
      )
      .option("--seed <number>", "names subsets and resamples", numberOption("seed", { least: 0, whole: true }), 2020)
      .option("--save-statistics <file>", "keep the real set's mean and covariance: .safetensors"),
    setExamples,
  ).action(async (real: string, generated: string, options: SetOptions) => {
    const { evaluateSet } = await import("../evaluate/evaluate-set.ts");
    await evaluateSet(context, reporter(options), real, generated, options);
  });

  const edits = addPlotOption(
    addOutputOptions(
      command
        .command("edits")
        .description(
          "edited emotions: image quality, emotion accuracy and its confusions, identity (Table 4.2 of the thesis)",
        )
        .argument("<sources>", "a folder; originals with --first-stage, or reconstructions")
        .argument("<edits>", "a folder")
        .option("--to <emotion>", "what all edits should show")
        .addOption(protocolOption())
        .option(
          "--emotion-judge <model>",
          "a model's name or folder, or weights of HSEmotion's EfficientNet",
          "emotion-judge-portraits",
        )
        .option(
          "--identity-judge <model>",
          "a model's name or folder, or weights of insightface's IResNet",
          "identity-judge-portraits",
        ),
      editsExamples,
    ),
  );
  addLpips(addFirstStage(edits)).action(async (sources: string, edits: string, options: EditsOptions) => {
    const { evaluateEdits } = await import("../evaluate/evaluate-edits.ts");
    await evaluateEdits(context, reporter(options), sources, edits, options);
  });

  const talk = addPlotOption(
    addOutputOptions(
      command
        .command("talk")
        .description("a talking face: mouth against sound, mouth in silence, drift of identity and sharpness, flicker")
        .argument("<video>", "a video file")
        .argument("<speech>", "its sound: an audio file, or the video itself")
        .option("--seconds <n>", "judge only the beginning", numberOption("seconds", { least: 1 }))
        .option("--reference <film>", "the same as it really was: PSNR, SSIM and a distance of the frames")
        .addOption(protocolOption())
        .option("--lip-reader <module>", "a lip reader of yours, docs/metrics.md: what it reads is scored")
        .option("--transcript <text>", "what is really said: text or a file")
        .option(
          "--identity-judge <model>",
          "a model's name or folder, or weights of insightface's IResNet",
          "identity-judge-portraits",
        ),
      talkExamples,
    ),
  );
  addLpips(addTextOptions(talk)).action(async (video: string, speech: string, options: TalkOptions) => {
    const { evaluateTalk } = await import("../evaluate/evaluate-talk.ts");
    await evaluateTalk(context, reporter(options), video, speech, options);
  });

  const text = addOutputOptions(
    command
      .command("text")
      .description("how much of a text was understood: word and character error rate, and by what lips show")
      .argument("<ref>", "what was said")
      .argument("<hyp>", "what was understood")
      .addOption(
        new Option("--protocol <name>", "thesis: upper case, the mean of the lines' rates")
          .choices(["clean", "thesis"])
          .default("clean"),
      )
      .option("--alignment", "print who said what"),
    textExamples,
  );
  addTextOptions(text).action(async (reference: string, hypothesis: string, options: TextOptions) => {
    const { evaluateText } = await import("../evaluate/evaluate-text.ts");
    await evaluateText(context, reporter(options), reference, hypothesis, options);
  });
  command.addCommand(studyCommand(context, reporter));
  return command;
}

function studyCommand(
  context: Context,
  reporter: (options: { readonly json?: true }) => ReturnType<typeof createReporter>,
): Command {
  const study = new Command("study").description(
    "ask people: a page of pictures, and what the answers say (Table 4.6)",
  );
  study
    .command("plan")
    .description("plan a counterbalanced study and write the page that runs it, without a server")
    .addArgument(new Argument("<kind>", "what is asked").choices(["preference", "naming"]))
    .argument("<methods...>", "NAME=FOLDER of each method's pictures")
    .requiredOption(
      "--participants <n>",
      "places for people, each with an order of his own",
      numberOption("participants", { least: 1, most: 10000, whole: true }),
    )
    .requiredOption("-o, --output <folder>", "a folder that is not there yet")
    .option("--against <method>", "compare only pairs with this method")
    .option("--emotions <list>", "the answers of a naming study, with commas between; default: all eight emotions")
    .option("--title <text>", "the question above the pictures")
    .option("--seed <number>", "names orders and sides", numberOption("seed", { least: 0, whole: true }), 1)
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", studyPlanExamples)
    .action(async (kind: StudyPlan["kind"], methods: string[], options: PlanStudyOptions) => {
      const { planStudyFolder } = await import("../evaluate/plan-study.ts");
      await planStudyFolder(context, reporter(options), kind, methods, options);
    });
  addPlotOption(
    addOutputOptions(
      study
        .command("results")
        .description("shares with exact binomial intervals and intervals by bootstrap over participants")
        .argument("<study>", "the folder that plan wrote, or its plan.json")
        .argument("<answers...>", "files that the page saved, or folders of them")
        .option(
          "--resamples <n>",
          "of the bootstrap",
          numberOption("resamples", { least: 2, most: 1000000, whole: true }),
          1000,
        )
        .option("--seed <number>", "names the resamples", numberOption("seed", { least: 0, whole: true }), 1),
      studyResultsExamples,
    ),
  ).action(async (folder: string, answers: string[], options: StudyResultsOptions) => {
    const { judgeStudy } = await import("../evaluate/study-results.ts");
    await judgeStudy(reporter(options), folder, answers, options);
  });
  return study;
}
