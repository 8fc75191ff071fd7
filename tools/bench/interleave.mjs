import { setTimeout as wait } from "node:timers/promises";

/**
 * Runs contenders in turn, A B C A B C ..., with a pause before each turn in which the other's threads stop waiting in a loop.
 * @template {string} Name
 * @param {Readonly<Record<Name, () => Promise<readonly number[]>>>} contenders each gives the milliseconds of its repetitions
 * @param {{ rounds: number, pause?: number }} options
 * @returns {Promise<Record<Name, number[][]>>} name -> round -> milliseconds
 */
export async function interleave(contenders, { rounds, pause = 200 }) {
  const names = Object.keys(contenders);
  const turns = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      await wait(pause);
      turns[name].push(await contenders[name]());
    }
  return turns;
}

/**
 * One turn: a call that does not count, then `repetitions` that do.
 * @param {() => unknown} work @param {number} repetitions
 */
export async function timed(work, repetitions) {
  await work();
  const times = [];
  for (let i = 0; i < repetitions; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}
