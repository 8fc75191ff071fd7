/** The part of the gateway's schema that the client speaks. */
export const fakeSchema = /* GraphQL */ `
scalar Cursor
scalar Base64
scalar JSON
enum Delivery { RELIABLE LIVE }
enum EndReason { COMPLETED FAILED CANCELLED EXPIRED }
enum GapReason { SLOW_CONSUMER RETENTION }
enum JobState { QUEUED RUNNING COMPLETED FAILED CANCELLED EXPIRED }
enum Emotion { NEUTRAL HAPPY SAD SURPRISED SCARED DISGUSTED ANGRY CONTEMPT }
enum Output { IMAGE FRAMES TABLE }
type Progress { label: String! done: Float! total: Float }
type JobError { code: String! message: String! }
type Artifact { name: String! mime: String! size: Int! url: String! digitalSourceType: String table: JSON }
type Access { url: String! ticket: String! }
type Job { id: ID! application: String! state: JobState! lastSeq: Int! progress: Progress artifact: Artifact error: JobError live: Access }
type Frame { epoch: Int! seq: Int! cursor: Cursor! pts: Float! durationMs: Float! mime: String! width: Int! height: Int! data: Base64 }
type StreamGap { fromSeq: Int! toSeq: Int! reason: GapReason! cursor: Cursor! }
type StreamReset { epoch: Int! reason: String! cursor: Cursor! }
type StreamEnd { reason: EndReason! lastSeq: Int! cursor: Cursor! artifact: Artifact error: JobError }
union FrameEvent = Frame | StreamGap | StreamReset | StreamEnd
type Model { name: String! kind: String! description: String! }
type Application { name: String! description: String! output: Output! mutation: String! }
type Query { models: [Model!]! emotions: [String!]! applications: [Application!]! job(id: ID!): Job }
input TalkInput { picture: ID person: Int consent: Boolean speech: ID emotion: Emotion intensity: Int motion: Float steps: Int guidance: Float seed: Int live: Boolean }
input DubInput { video: ID! speech: ID! consent: Boolean emotion: Emotion steps: Int guidance: Float seed: Int }
input ReenactInput { picture: ID person: Int consent: Boolean from: Emotion to: [Emotion!]! strength: Int guidance: Float steps: Int seed: Int }
type Mutation {
  talk(input: TalkInput!, idempotencyKey: String!): Job!
  dub(input: DubInput!, idempotencyKey: String!): Job!
  reenact(input: ReenactInput!, idempotencyKey: String!): Job!
  cancelJob(id: ID!): Job!
  deleteJob(id: ID!): Boolean!
}
type Subscription {
  frames(jobId: ID!, after: Cursor, delivery: Delivery = RELIABLE, maxFps: Float): FrameEvent!
  job(id: ID!): Job!
}`;
