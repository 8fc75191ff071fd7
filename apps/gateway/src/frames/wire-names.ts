import type { EndReason, JobState, StreamGap } from "@prosopon/jobs";

const upper = (text: string): string => text.toUpperCase().replaceAll("-", "_");

export type EndReasonName = "COMPLETED" | "FAILED" | "CANCELLED" | "EXPIRED";
export type GapReasonName = "SLOW_CONSUMER" | "RETENTION";
export type JobStateName = "QUEUED" | "RUNNING" | EndReasonName;

export const endReasonName = (reason: EndReason): EndReasonName => upper(reason) as EndReasonName;
export const gapReasonName = (reason: StreamGap["reason"]): GapReasonName => upper(reason) as GapReasonName;
export const jobStateName = (state: JobState): JobStateName => upper(state) as JobStateName;
