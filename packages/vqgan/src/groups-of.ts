const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Groups of every normalisation over multiples of `channels`: 32 as in the reference where they divide, else as many as do. */
export const groupsOf = (channels: number): number => gcd(32, channels);
