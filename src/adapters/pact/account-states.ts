/** The public API of the service that is verified. */
export type Api = {
  fetch(request: Request, peer: { readonly address: string | null }): Promise<Response>
}

/** What a state gives to put into the request that follows: Pact's provider-state values. */
export type StateValues = Readonly<Record<string, string>>

type AccountState = (api: Api) => Promise<StateValues>

/** The user who has an account in a contract over HTTP. */
const ACCOUNT = {
  email: 'user@example.com',
  username: 'johndoe',
  displayName: 'John Doe',
  password: 'correct horse battery staple',
}

const register: AccountState = async (api) => {
  const answer = await send(api, 'POST', '/v1/auth/register', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ACCOUNT),
  })
  if (answer.status !== 201) throw new Error(`no account was made: ${await answer.text()}`)
  const { user, tokens } = JSON.parse(await answer.text())
  const { accessToken, refreshToken } = tokens
  return { userId: user.id, accessToken, refreshToken }
}

/** By name; the names are contract. */
export const ACCOUNT_STATES: ReadonlyMap<string, AccountState> = new Map([
  ['no account', async () => ({})],
  ['account exists', register],
  ['account signed in', register],
])

/** Whether nothing is left of the account: a request may have ended its session, and then it is. */
export const leaveState = async (api: Api, { accessToken }: StateValues): Promise<boolean> => {
  if (accessToken === undefined) return true
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await send(api, 'DELETE', '/v1/users/me', { headers })).status === 204
}

const send = (api: Api, method: string, path: string, init: RequestInit): Promise<Response> =>
  api.fetch(new Request(`http://auth.test${path}`, { method, ...init }), { address: '127.0.0.1' })
