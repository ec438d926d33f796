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

/** The access token of an answer that has one. */
export const accessToken = (body: unknown): string => textAt(tokensOf(body), 'accessToken')

/** The refresh token of an answer that has one. */
export const refreshToken = (body: unknown): string => textAt(tokensOf(body), 'refreshToken')

// Signing in answers with the user beside the tokens, a refresh with the tokens alone.
const tokensOf = (body: unknown): unknown => (isRecord(body) && body['tokens']) || body

const textAt = (body: unknown, name: string): string => {
  const value = isRecord(body) ? body[name] : undefined
  if (typeof value !== 'string') throw new Error(`an answer came without ${name}`)
  return value
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
