/** Names of keys and channels. What belongs to one job shares a hash tag. */
export interface Keys {
  readonly prefix: string;
  /** A hash: the job, its stream's numbers, its fence. */
  meta(id: string): string;
  /** A stream whose entries are numbered `<epoch>-<seq>`. */
  log(id: string): string;
  checkpoint(id: string): string;
  /** A stream of sound, numbered by its samples. */
  live(id: string): string;
  /** Jobs of a tenant by their order of submission. */
  all(tenant: string): string;
  /** A channel: something about this job changed. A hint only: all is found again without it. */
  hint(id: string): string;
  /** A channel: there is a job to take. */
  readonly wake: string;
  /** A hash: queue name -> what its jobs need. */
  readonly queues: string;
  /** Waiting jobs by when they expire. */
  readonly waiting: string;
  /** Running jobs by when their cancellation was asked for. */
  readonly cancelling: string;
}

export const redisKeys = (prefix: string): Keys => ({
  prefix,
  meta: (id) => `${prefix}:{${id}}:meta`,
  log: (id) => `${prefix}:{${id}}:log`,
  checkpoint: (id) => `${prefix}:{${id}}:checkpoint`,
  live: (id) => `${prefix}:{${id}}:live`,
  all: (tenant) => `${prefix}:tenant:${tenant}:all`,
  hint: (id) => `${prefix}:hint:${id}`,
  wake: `${prefix}:wake`,
  queues: `${prefix}:queues`,
  waiting: `${prefix}:waiting`,
  cancelling: `${prefix}:cancelling`,
});
