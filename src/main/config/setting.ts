import type { Parse } from './parsers.ts'

/** One variable of the environment: all that the reader, the documents and the checks know about it. */
export type Setting<T> = {
  readonly name: string
  readonly parse: Parse<T>
  /** The default as the documents say it. */
  readonly shownDefault: string
  readonly meaning: string
  /** May come from a file that NAME_FILE names, and is never printed. */
  readonly secret: boolean
}

/** A setting that may be read by anybody. */
export const plain = <T>(
  name: string,
  parse: Parse<T>,
  shownDefault: string,
  meaning: string,
): Setting<T> => ({ name, parse, shownDefault, meaning, secret: false })

/** A setting that nobody but the service may read. */
export const secret = <T>(
  name: string,
  parse: Parse<T>,
  shownDefault: string,
  meaning: string,
): Setting<T> => ({ name, parse, shownDefault, meaning, secret: true })
