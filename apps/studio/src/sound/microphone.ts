import { ProsoponError } from "@prosopon/errors";

/** Asks for the microphone. @throws ProsoponError `unavailable` without one or without leave. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) {
    throw new ProsoponError("unavailable", "This page may not use a microphone.", {
      mend: "Open it over https or from this machine, or upload a file.",
    });
  }
  return navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, channelCount: 1 } }).catch((cause) => {
    throw new ProsoponError("unavailable", "No microphone was given.", { mend: "Allow it, or upload a file.", cause });
  });
}

/** A recording under way. */
export interface Recording {
  /** Ends it; resolves with the sound. */
  stop(): Promise<Blob>;
}

/** Records until it is stopped; the microphone is let go then. */
export async function record(): Promise<Recording> {
  const stream = await openMicrophone();
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => void parts.push(data);
  recorder.start();
  return {
    stop: () =>
      new Promise((resolve) => {
        recorder.onstop = () => {
          for (const track of stream.getTracks()) track.stop();
          resolve(new Blob(parts, { type: recorder.mimeType }));
        };
        recorder.stop();
      }),
  };
}

/** The microphone as it is heard, in parts of 40 ms at 16 kHz, until `stop`. */
export async function listen(heard: (samples: Float32Array) => void): Promise<{ stop(): void }> {
  const stream = await openMicrophone();
  const context = new AudioContext({ sampleRate: 16_000 });
  await context.audioWorklet.addModule("./microphone.js");
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => heard(data);
  source.connect(node);
  return {
    stop() {
      if (context.state === "closed") return;
      for (const track of stream.getTracks()) track.stop();
      node.disconnect();
      source.disconnect();
      void context.close();
    },
  };
}
