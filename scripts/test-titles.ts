/** The title of a test, also of one made by `.each(…)(title, …)`. */
const TITLE = /(?:\b(?:test|it)|\))\s*\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs

/** Titles are found by their text, as a reader would; those that are computed are not seen. */
export const titlesIn = (source: string): string[] =>
  [...source.matchAll(TITLE)].map(([, , title = '']) => title)
