import type { Parse } from './parsers.ts'

/** One variable of the environment: how it is parsed, checked and documented. */
export type Setting<T> = {
  readonly name: string
  readonly parse: Parse<T>
  /** The default, as the documents show it. */
  readonly shownDefault: string
  readonly meaning: string
  /** May come from a file that NAME_FILE names, and is never printed. */
  readonly secret: boolean
}

/** A setting whose value is no secret. */
export const plain = <T>(
  name: string,
  parse: Parse<T>,
  shownDefault: string,
  meaning: string,
): Setting<T> => ({ name, parse, shownDefault, meaning, secret: false })

/** A setting whose value is a secret. */
export const secret = <T>(
  name: string,
  parse: Parse<T>,
  shownDefault: string,
  meaning: string,
): Setting<T> => ({ name, parse, shownDefault, meaning, secret: true })

export type ParsedOf<S> = S extends Setting<infer T> ? T : never

/** What was given for each setting of a table, parsed; null where nothing was. */
export type GivenOf<Table> = { readonly [K in keyof Table]: ParsedOf<Table[K]> | null }

export type Environment = Readonly<Record<string, string | undefined>>
/** Reads a whole text file; throws when it cannot. */
export type ReadFile = (path: string) => string
/** Reports a problem of one variable. The complaint continues a sentence that begins with the name. */
export type Problem = (name: string, complaint: string) => void

/** The text of one setting, from its variable or from the file that NAME_FILE names; null when there is none to parse. */
const textOf = (
  { name, secret }: Setting<unknown>,
  environment: Environment,
  readFile: ReadFile,
  problem: Problem,
): string | null => {
  const own = environment[name]
  const path = secret ? environment[`${name}_FILE`] : undefined
  if (path === undefined || path === '') return ownText(name, own, secret, problem)
  if (own !== undefined && own !== '') {
    problem(name, `is given twice; keep either it or ${name}_FILE`)
    return null
  }
  return fileText(name, path, readFile, problem)
}

const ownText = (
  name: string,
  own: string | undefined,
  secret: boolean,
  problem: Problem,
): string | null => {
  if (own === undefined) return null
  if (own !== '') return own
  // An empty secret means that its delivery failed. Any other empty variable counts as not set.
  if (secret) problem(name, 'is empty')
  return null
}

const fileText = (
  name: string,
  path: string,
  readFile: ReadFile,
  problem: Problem,
): string | null => {
  try {
    const text = valueIn(name, readFile(path)).trim()
    if (text !== '') return text
    problem(`${name}_FILE`, 'names an empty file')
  } catch {
    problem(`${name}_FILE`, 'names a file that cannot be read')
  }
  return null
}

/** The value of a line `NAME='value'`, as `auth keys generate --out` writes it; else the whole text. */
const valueIn = (name: string, text: string): string => {
  const line = text.match(new RegExp(`^(?:export )?${name}=(['"]?)(.*)\\1\\s*$`, 'm'))
  return line?.[2] ?? text
}

/** Parses one setting; null when it is not given, or was reported as a problem. */
export const readSetting = <T>(
  setting: Setting<T>,
  environment: Environment,
  readFile: ReadFile,
  problem: Problem,
): T | null => {
  const text = textOf(setting, environment, readFile, problem)
  if (text === null) return null
  const parsed = setting.parse(text)
  if (parsed.ok) return parsed.value
  problem(setting.name, parsed.refusal)
  return null
}
