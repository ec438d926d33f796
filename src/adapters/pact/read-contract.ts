import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'

/** The name of this service in contracts. */
export const PROVIDER = 'auth-service'

export type ProviderState = {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A message that a consumer relies on: its example (`shown`), and the matching rules that allow other values. */
export type AskedMessage = {
  readonly description: string
  readonly states: readonly ProviderState[]
  readonly shown: { readonly body: unknown; readonly metadata: unknown }
  readonly rules: { readonly body: unknown; readonly metadata: unknown }
}

export type Contract = {
  readonly consumer: string
  /** Only the messages. Interactions over HTTP are left to the verifier. */
  readonly messages: readonly AskedMessage[]
}

/** Parses a Pact file of specification 3 or 4. The refusal is one sentence about what is wrong with the file. */
export const readContract = (text: string): Result<Contract, string> => {
  const parsed = parse(text)
  if (parsed === null) return fail('It is not JSON.')
  const pact = fields(parsed)
  const consumer = fields(pact['consumer'])['name']
  const provider = fields(pact['provider'])['name']
  if (typeof consumer !== 'string' || typeof provider !== 'string')
    return fail('It is not a Pact: consumer and provider have to be named.')
  if (provider !== PROVIDER)
    return fail(`It is a contract with “${provider}”; this service is called ${PROVIDER}.`)
  const interactions = list(pact['interactions']).map(fields)
  const kinds = interactions.map(({ type = HTTP }) => type)
  if (kinds.some((kind) => kind !== HTTP && kind !== MESSAGE))
    return fail('It asks for a synchronous message; this service has none.')
  const messages = [
    ...interactions.filter((_, position) => kinds[position] === MESSAGE),
    // Version 3 has a list of its own for messages.
    ...list(pact['messages']).map(fields),
  ]
  return messages.length === 0 && !kinds.includes(HTTP)
    ? fail('It asks for nothing: there are no interactions.')
    : ok({ consumer, messages: messages.map(readMessage) })
}

type Fields = Readonly<Record<string, unknown>>

const HTTP = 'Synchronous/HTTP'
const MESSAGE = 'Asynchronous/Messages'

const readMessage = (item: Fields): AskedMessage => {
  const { body, metadata } = fields(item['matchingRules'])
  return {
    description: String(item['description'] ?? ''),
    states: list(item['providerStates']).map((state) => {
      const { name, params } = fields(state)
      return { name: String(name ?? ''), parameters: fields(params) }
    }),
    shown: {
      body: contentOf(item['contents']),
      metadata: item['metadata'] ?? item['metaData'] ?? {},
    },
    rules: { body, metadata },
  }
}

/** Version 4 wraps a body together with its content type; version 3 does not. */
const contentOf = (body: unknown): unknown =>
  'contentType' in fields(body) && 'content' in fields(body) ? fields(body)['content'] : body

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
