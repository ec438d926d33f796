/**
 * The first run that took less than `seconds`, or else the quickest of all runs. Slow code is slow in each run. A busy machine
 * is slow in some runs only.
 */
export const quickestOf = async <T extends { readonly seconds: number }>(
  runs: number,
  seconds: number,
  run: () => Promise<T>,
): Promise<T> => {
  let quickest = await run()
  for (let more = 1; more < runs && quickest.seconds >= seconds; more += 1) {
    const other = await run()
    if (other.seconds < quickest.seconds) quickest = other
  }
  return quickest
}
