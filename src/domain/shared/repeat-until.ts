/**
 * Calls `attempt` until `isEnough` accepts its answer, at most `tries` times, with `pause` between two calls. Resolves with
 * the last answer, accepted or not. An attempt that throws ends it.
 */
export const repeatUntil = async <Answer>(
  attempt: () => Answer | Promise<Answer>,
  isEnough: (answer: Answer) => boolean,
  tries: number,
  pause: () => Promise<void>,
): Promise<Answer> => {
  for (let made = 1; ; made += 1) {
    const answer = await attempt()
    if (made >= tries || isEnough(answer)) return answer
    await pause()
  }
}
