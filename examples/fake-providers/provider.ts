import type { Grants } from './grants.ts'
import type { Keys } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Endpoint, ProviderName } from './names.ts'

/** A request to a fake provider. */
export type Call = {
  readonly provider: ProviderName
  readonly endpoint: Endpoint
  readonly method: string
  /** The path after the provider's own address, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Headers
  /** Empty when the body is no form. */
  readonly form: URLSearchParams
}

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Route = {
  readonly method: 'GET' | 'POST'
  /** The path after the provider's own address. */
  readonly path: RegExp
  readonly endpoint: Endpoint
  answer(call: Call): Answer | Promise<Answer>
}

/** The client id and secret that the provider's console would show. */
export type Registration = { readonly id: string; readonly secret: string }

export type Needs = {
  /** The provider's own address, without a slash at the end. */
  readonly url: string
  readonly registration: Registration
  readonly grants: Grants
  readonly keys: Keys
  /** The misbehaviour that is set at the moment. */
  readonly misbehaviour: () => Misbehaviour
  readonly isRegisteredRedirect: (redirectUri: string) => boolean
}

/** One of the three providers, as its documentation describes it. */
export type Provider = {
  readonly name: ProviderName
  /** The settings with which the service uses this provider. */
  readonly settings: Readonly<Record<string, string>>
  readonly routes: readonly Route[]
}

export const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

/** An error response by RFC 6749 §5.2. */
export const oauthError = (status: number, error: string, description: string): Answer =>
  json(status, { error, error_description: description })

/** The correct fields with the wrong values in their place. A field whose wrong value is undefined is left out. */
export const withOverrides = (
  correct: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ ...correct, ...overrides }).filter(([, value]) => value !== undefined),
  )
