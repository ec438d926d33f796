import type { AskedMessage, Contract } from './read-contract.ts'

type Asked = AskedMessage & { readonly consumer: string }

/**
 * Finds expectations that no provider can meet: two messages with the same description and states that need different
 * answers. A verifier sends only the description and the states, so the provider cannot tell the two apart. One sentence
 * for each clash, which names the field.
 */
export const findClashes = (contracts: readonly Contract[]): readonly string[] => {
  const groups = new Map<string, Asked[]>()
  for (const { consumer, messages } of contracts)
    for (const message of messages) {
      const key = JSON.stringify([message.description, message.states])
      groups.set(key, [...(groups.get(key) ?? []), { ...message, consumer }])
    }
  return [...groups.values()].flatMap(clashesWithin)
}

const clashesWithin = (asked: readonly Asked[]): string[] =>
  asked.flatMap((one, position) =>
    asked.slice(position + 1).flatMap((other) => {
      const field =
        differenceIn('body', one, other, '$') ?? differenceIn('metadata', one, other, '')
      return field === null ? [] : [sentence(one, other, field)]
    }),
  )

const sentence = (one: Asked, other: Asked, field: string): string => {
  const state = one.states.map(({ name }) => name).join(', ')
  return `${one.consumer} and ${other.consumer} both ask for “${one.description}” in the state “${state}” and need different answers (${field}): choose another description, or another state.`
}

const differenceIn = (
  part: 'body' | 'metadata',
  one: Asked,
  other: Asked,
  root: string,
): string | null => {
  // Where a matching rule applies, only the type of the value is compared.
  const ruled = [one, other].map(({ rules }) => Object.keys(Object(rules[part])))
  const isLoose = (path: string) =>
    ruled.some((paths) => paths.some((rule) => path === rule || path.startsWith(`${rule}.`)))
  return firstDifference([one.shown[part], other.shown[part]], root, isLoose)
}

/** The path of the first value that both contain and that differs; null when there is none. */
const firstDifference = (
  [one, other]: readonly [unknown, unknown],
  path: string,
  isLoose: (path: string) => boolean,
): string | null => {
  if (kindOf(one) !== kindOf(other)) return path
  if (kindOf(one) !== 'object') return isLoose(path) || same(one, other) ? null : path
  const [left, right] = [Object(one), Object(other)]
  for (const name of Object.keys(left).filter((key) => key in right)) {
    const inner = path === '' ? name : `${path}.${name}`
    const found = firstDifference([left[name], right[name]], inner, isLoose)
    if (found !== null) return found
  }
  return null
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
