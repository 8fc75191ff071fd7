/** Of samples of a process's memory, bytes. */
export function memoryGrowth(samples: readonly number[]): number;
