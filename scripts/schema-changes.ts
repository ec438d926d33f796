type Schema = {
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, object>>
  readonly [keyword: string]: unknown
}

// They describe and allow nothing.
const WORDS = ['$schema', '$comment', 'title', 'description', 'examples']

/**
 * What a consumer of the released schema could not live with, by field: empty when there are optional additions only.
 * Also a tighter rule breaks, for events that are stored already; so nothing about a field that was released may change.
 */
export const breakingChanges = (released: Schema, present: Schema): string[] => [
  ...Object.keys(released.properties)
    .filter((field) => present.properties[field] === undefined)
    .map((field) => `${field} is gone`),
  ...Object.entries(released.properties).flatMap(([field, before]) =>
    differences(before, present.properties[field] ?? before).map(
      (difference) => `${field}: ${difference}`,
    ),
  ),
  ...released.required
    .filter((field) => !present.required.includes(field))
    .map((field) => `${field} was promised and is optional`),
  ...present.required
    .filter((field) => !released.required.includes(field))
    .map((field) => `${field} is new and not optional`),
  ...differences(
    without(released, ['required', 'properties']),
    without(present, ['required', 'properties']),
  ),
]

const differences = (before: object, after: object): string[] => {
  const [was, is] = [without(before, WORDS), without(after, WORDS)]
  const keywords = new Set([...Object.keys(was), ...Object.keys(is)])
  return [...keywords]
    .filter((keyword) => JSON.stringify(was[keyword]) !== JSON.stringify(is[keyword]))
    .map((keyword) => `${keyword} was ${told(was[keyword])} and is ${told(is[keyword])}`)
}

const without = (schema: object, keywords: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)))

const told = (value: unknown): string => (value === undefined ? 'not there' : JSON.stringify(value))
