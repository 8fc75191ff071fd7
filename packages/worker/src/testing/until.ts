/** Waits for something to become true. */
export async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + 50_000;
  while (!(await test())) {
    if (performance.now() > late) throw new Error(`waited 50 s until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
