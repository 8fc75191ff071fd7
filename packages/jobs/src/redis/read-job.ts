import type { StreamEnd } from "../frame-event.ts";
import { isEnded, type Job, type JobSpecification, type JobState } from "../job.ts";
import type { StreamView } from "../stream/next-event.ts";

/** A job and its stream, as the meta hash has them. */
export interface JobAndStream {
  readonly job: Job;
  readonly stream: StreamView;
}

/** @param logged Whether frames are kept still. */
export function readJob(id: string, hash: ReadonlyMap<string, string>, logged: boolean): JobAndStream | undefined {
  const spec = hash.get("spec");
  if (spec === undefined) return undefined;
  const number = (name: string): number => Number(hash.get(name) ?? 0);
  const json = (name: string): unknown => {
    const text = hash.get(name);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const given = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });
  const state = hash.get("state") as JobState;
  const [epoch, lastSeq] = [number("epoch"), number("lastSeq")];
  const ended = isEnded(state);
  const facts = { ...given("artifact", json("artifact")), ...given("error", json("error")) };
  const job: Job = {
    ...(JSON.parse(spec) as JobSpecification),
    id,
    priority: number("priority"),
    ...given("trace", json("trace")),
    state,
    cancelling: hash.get("cancel") === "1",
    fence: number("fence"),
    lost: number("lost"),
    epoch,
    lastSeq,
    submittedAt: number("submittedAt"),
    ...given("startedAt", json("startedAt")),
    ...given("endedAt", json("endedAt")),
    ...given("device", hash.get("device")),
    ...given("progress", json("progress")),
    ...facts,
  };
  const end: StreamEnd | undefined = ended
    ? { event: "end", cursor: { epoch, seq: lastSeq + 1 }, reason: state, lastSeq, ...facts }
    : undefined;
  return { job, stream: { epoch, lastSeq, firstSeq: logged ? number("firstSeq") : lastSeq + 1, end } };
}
