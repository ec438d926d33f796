/** The account that all callers share. It exists on the service under test during a run. */
export const ACCOUNT = {
  email: 'reader@bench.example',
  username: 'reader',
  password: 'six wide rivers, no bridge',
} as const

export const post = (address: string | URL, body: object): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

export const patch = (address: string | URL, bearer: string, body: object): Promise<Response> =>
  fetch(address, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  })

/** The access token in a response body. @throws Error when there is none. */
export const accessToken = (body: unknown): string => textAt(tokensOf(body), 'accessToken')

/** The refresh token in a response body. @throws Error when there is none. */
export const refreshToken = (body: unknown): string => textAt(tokensOf(body), 'refreshToken')

const tokensOf = (body: unknown): unknown => (isRecord(body) ? body['tokens'] : undefined)

const textAt = (body: unknown, name: string): string => {
  const value = isRecord(body) ? body[name] : undefined
  if (typeof value !== 'string') throw new Error(`the response body has no ${name}`)
  return value
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
