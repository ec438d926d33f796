/** The title of a test, with `test(title, …)`, `it(title, …)` or `test.each(…)(title, …)`. */
const TITLE = /(?:\b(?:test|it)|\))\s*\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs

/** The titles of the tests in a source text. A title that is computed is not found. */
export const titlesIn = (source: string): string[] =>
  [...source.matchAll(TITLE)].map(([, , title = '']) => title)
