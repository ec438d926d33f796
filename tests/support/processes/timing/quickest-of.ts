/**
 * The first run that took less than `seconds`, or the quickest of so many: what is slow by itself is slow each time, what the
 * machine did meanwhile is not.
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
