/** The processor time of the work in milliseconds: the best of five runs, so that other load on the machine counts less. */
export const processorMilliseconds = (work: () => void): number => {
  const runs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...runs)
}

const filled = (pattern: string): string => pattern.repeat(Math.ceil(50_000 / pattern.length))

/** Texts of 50 kB that make careless regular expressions and normalizations slow. */
export const CRAFTED_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['one letter', filled('a')],
  ['dots', `${filled('a.')}@`],
  ['at signs', filled('a@')],
  ['hyphens', `a@${filled('-')}`],
  ['labels', `a@${filled('a.')}`],
  ['spaces', `${filled(' ')}a`],
  ['marks out of order', filled('\u0301\u0327')],
  ['ligatures that expand', filled('\ufdfa')],
  ['emoji', filled('😀')],
  ['an address', `https://example.com/${filled('%')}?${filled('[')}`],
  ['NULs', filled('\u0000')],
]
