/**
 * How often some callers get work done without HTTP. Each caller waits for its work before it starts the next one.
 * @throws Error when a piece of work answers false.
 */
export const perSecond = async (
  work: (caller: number) => Promise<boolean>,
  callers: number,
  milliseconds: number,
): Promise<number> => {
  const startedAt = performance.now()
  const until = startedAt + milliseconds
  let count = 0
  const repeat = async (caller: number) => {
    while (performance.now() < until) {
      if (!(await work(caller))) throw new Error('a piece of work of a caller was not done')
      count += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => repeat(caller)))
  return count / ((performance.now() - startedAt) / 1000)
}
