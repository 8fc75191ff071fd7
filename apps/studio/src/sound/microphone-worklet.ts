/** Sends what the microphone hears to the page, 640 samples (40 ms at 16 kHz) at a time. Runs in the audio thread. */
declare const registerProcessor: (name: string, processor: unknown) => void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

registerProcessor(
  "microphone",
  class extends AudioWorkletProcessor {
    private part = new Float32Array(640);
    private filled = 0;

    process(inputs: readonly (readonly Float32Array[])[]): boolean {
      for (const value of inputs[0]?.[0] ?? []) {
        this.part[this.filled] = value;
        this.filled += 1;
        if (this.filled < this.part.length) continue;
        this.port.postMessage(this.part, [this.part.buffer]);
        this.part = new Float32Array(640);
        this.filled = 0;
      }
      return true;
    }
  },
);
