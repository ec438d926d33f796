import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fromFile, Parser } from '@asyncapi/parser'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { ROOT, readFrom } from '../repository.ts'

// `bun run check:contracts` checks the contract of the user events and prints each problem. Exit code 1: there is a problem.

const VERSIONS = ['v1', 'v2'] as const
const FOLDER = 'contracts/user-events'

const readJson = async (path: string, root: string) => JSON.parse(await readFrom(path, root))

/** Every problem of the contract of the events, with the file and the field. Empty when there is none. */
export const contractProblems = async (root = ROOT): Promise<string[]> => [
  ...(await eventProblems(root)),
  ...(await asyncApiProblems(root)),
]

/** The problems of the schemas and of the released events. */
export const eventProblems = async (root: string): Promise<string[]> => {
  const problems = await Promise.all([
    ...VERSIONS.map((version) => schemaProblems(version, root)),
    ...VERSIONS.map((version) => corpusProblems(version, root)),
  ])
  return problems.flat()
}

/** The changes of a schema since its release that break consumers. */
const schemaProblems = async (version: string, root: string): Promise<string[]> => {
  const path = `${FOLDER}/${version}.schema.json`
  const released = await readJson(`${FOLDER}/released/${version}.schema.json`, root)
  const breaking = breakingChanges(released, await readJson(path, root))
  return breaking.map((change) => `${path} breaks consumers: ${change}`)
}

type Schema = {
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, object>>
  readonly [keyword: string]: unknown
}

/**
 * The changes that break a consumer of the released schema, by field. Only an additional optional field breaks nothing.
 * A stricter rule breaks too, because it can refuse events that are stored already. So nothing about a released field may
 * change.
 */
const breakingChanges = (released: Schema, present: Schema): string[] => {
  const removed = Object.keys(released.properties)
    .filter((field) => present.properties[field] === undefined)
    .map((field) => `${field} is gone`)
  const changed = Object.entries(released.properties).flatMap(([field, before]) =>
    differences(corrected(field, before), present.properties[field] ?? before).map(
      (difference) => `${field}: ${difference}`,
    ),
  )
  const noLongerRequired = released.required
    .filter((field) => !present.required.includes(field))
    .map((field) => `${field} was promised and is optional`)
  const newlyRequired = present.required
    .filter((field) => !released.required.includes(field))
    .map((field) => `${field} is new and not optional`)
  const elsewhere = differences(
    without(released, ['required', 'properties']),
    without(present, ['required', 'properties']),
  )
  return [...removed, ...changed, ...noLongerRequired, ...newlyRequired, ...elsewhere]
}

/**
 * A released field without the rules that turned out to promise more than the service keeps. Version 1 and 2 said that an
 * address has the format `email`; libraries that check it refuse addresses that registration accepts, such as `ada@mail.local`.
 */
const corrected = (field: string, released: object): object =>
  field === 'email' ? without(released, ['format']) : released

/** Keywords that describe a value and restrict nothing. */
const ANNOTATIONS = ['$schema', '$comment', 'title', 'description', 'examples']

const differences = (before: object, after: object): string[] => {
  const was = without(before, ANNOTATIONS)
  const is = without(after, ANNOTATIONS)
  const keywords = new Set([...Object.keys(was), ...Object.keys(is)])
  return [...keywords]
    .filter((keyword) => JSON.stringify(was[keyword]) !== JSON.stringify(is[keyword]))
    .filter((keyword) => !(keyword === 'type' && saysNothingNew(was, is)))
    .map((keyword) => `${keyword} was ${textOf(was[keyword])} and is ${textOf(is[keyword])}`)
}

/** Whether all values that were allowed have the type that is named now. Generators need it: a `const` alone is any number. */
const saysNothingNew = (was: Fields, { type }: Fields): boolean => {
  const values = 'const' in was ? [was['const']] : was['enum']
  if (was['type'] !== undefined || !Array.isArray(values)) return false
  return values.every((value) => type === (Number.isInteger(value) ? 'integer' : typeof value))
}

type Fields = Readonly<Record<string, unknown>>

const without = (schema: object, keywords: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)))

const textOf = (value: unknown): string =>
  value === undefined ? 'not there' : JSON.stringify(value)

/** The stored events of earlier releases that the present schema refuses. */
const corpusProblems = async (version: string, root: string): Promise<string[]> => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  addFormats(ajv)
  const isValid = ajv.compile(await readJson(`${FOLDER}/${version}.schema.json`, root))
  const folder = `${FOLDER}/corpus/${version}`
  const names = await readdir(join(root, folder))
  if (names.length === 0) return [`${folder} is empty`]
  const problems: string[] = []
  for (const name of names) {
    const { body } = await readJson(`${folder}/${name}`, root)
    if (isValid(body)) continue
    for (const { instancePath, message } of isValid.errors ?? [])
      problems.push(`${folder}/${name} was released, and ${instancePath} ${message}`)
  }
  return problems
}

/** What AsyncAPI's own parser finds wrong: the structure, and references that lead nowhere. */
const asyncApiProblems = async (root: string): Promise<string[]> => {
  const path = 'docs/asyncapi.yaml'
  const { diagnostics } = await fromFile(new Parser(), join(root, path)).parse()
  return diagnostics
    .filter(({ severity }) => severity <= WARNING)
    .map(({ path: place, message }) => `${path}: /${place.join('/')} ${message}`)
}

/** The severity of a warning. Errors are below it, hints above it, such as the one that there is a newer AsyncAPI. */
const WARNING = 1

if (import.meta.main) {
  const problems = await contractProblems()
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
