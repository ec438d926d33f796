const PATIENCE_MILLISECONDS = 5000
const BETWEEN_LOOKS_MILLISECONDS = 25

/** Looks again and again until the expectation holds; after 5 seconds its own complaint is thrown. */
export const eventually = async (expectation: () => void | Promise<void>): Promise<void> => {
  const until = performance.now() + PATIENCE_MILLISECONDS
  for (;;) {
    try {
      return await expectation()
    } catch (complaint) {
      if (performance.now() > until) throw complaint
      await Bun.sleep(BETWEEN_LOOKS_MILLISECONDS)
    }
  }
}
