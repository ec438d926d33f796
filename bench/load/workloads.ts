import { CALLERS } from './callers.ts'
import { ACCOUNT, accessToken, patch, post, refreshToken } from './requests.ts'

/** Sends one request. */
type SendRequest = () => Promise<Response>
/** Prepares one caller. Its requests during preparation are not measured. */
type Workload = (address: string, caller: number) => Promise<SendRequest>

// A session keeps a list of its rotations in the last seconds. A real client rotates only a few times in this period. With
// one session per caller, the list would have hundreds of entries and slow the measurement.
const SESSIONS = 100

/** How many users the twin has, divided among the callers. */
export const TWIN_USERS = 200

// An account has at most 50 sessions. With one account for each caller, nearly every sign-in would end another session.
const ACCOUNTS = 50

const { email, username, password } = ACCOUNT
const login = { identifier: email, password }

const signedIn = async (address: string) => (await post(`${address}/v1/auth/login`, login)).json()

/** Registers an account for one caller, so that callers do not wait for the same row. */
const registerOwn = async (address: string, caller: number) => {
  const names = newNames(caller)()
  const response = await post(`${address}/v1/auth/register`, { ...names, password })
  return { ...names, accessToken: accessToken(await response.json()) }
}

/** What a caller can do, by the name that figures use. */
export const WORKLOADS = {
  get: async (address) => () => fetch(address),
  'post-password': async (address) => () => post(address, login),
  'sign-in': async (address, caller) => {
    const identifiers: string[] = []
    while (identifiers.length < ACCOUNTS)
      identifiers.push((await registerOwn(address, caller)).email)
    let turn = 0
    return () => {
      turn = (turn + 1) % ACCOUNTS
      const identifier = identifiers[turn]
      return post(`${address}/v1/auth/login`, { identifier, password })
    }
  },
  register: async (address, caller) => {
    const names = newNames(caller)
    return () => post(`${address}/v1/auth/register`, { ...names(), password })
  },
  'read-profile': async (address) => {
    const headers = { authorization: `Bearer ${accessToken(await signedIn(address))}` }
    return () => fetch(`${address}/v1/users/me`, { headers })
  },
  'change-profile': async (address, caller) => {
    const bearer = (await registerOwn(address, caller)).accessToken
    let count = 0
    return () => {
      count += 1
      return patch(`${address}/v1/users/me`, bearer, { displayName: `Name ${count}` })
    }
  },
  'change-twin': async (address, caller) => {
    // Each caller changes users of its own, so that callers do not wait for the same row.
    const own = TWIN_USERS / CALLERS
    let count = 0
    return () => {
      count += 1
      const user = new URL(`/users/${caller * own + (count % own)}`, address)
      return patch(user, '', { displayName: `Name ${count}` })
    }
  },
  refresh: async (address, caller) => {
    // Each session is of an account of its own, because an account has at most 50.
    const names = newNames(caller)
    const tokens: string[] = []
    while (tokens.length < SESSIONS) {
      const response = await post(`${address}/v1/auth/register`, { ...names(), password })
      tokens.push(refreshToken(await response.json()))
    }
    let turn = 0
    return async () => {
      turn = (turn + 1) % SESSIONS
      const token = tokens[turn]
      const response = await post(`${address}/v1/auth/refresh`, { refreshToken: token })
      if (response.status === 200) tokens[turn] = refreshToken(await response.clone().json())
      return response
    }
  },
  'peer-sign-up': async (address, caller) => {
    const names = newNames(caller)
    return () => {
      const { email, username: name } = names()
      return post(`${address}/api/auth/sign-up/email`, { email, name, password })
    }
  },
  'peer-sign-in': async (address, caller) => {
    const account = await peerAccount(address, caller)
    return () => post(`${address}/api/auth/sign-in/email`, account)
  },
  'peer-session': async (address, caller) => {
    const account = await peerAccount(address, caller)
    const signedIn = await post(`${address}/api/auth/sign-in/email`, account)
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    const ask = () => fetch(`${address}/api/auth/get-session`, { headers: { cookie } })
    // better-auth answers 200 with the body null when there is no session.
    if ((await (await ask()).json()) === null)
      throw new Error('better-auth has no session for this cookie')
    return ask
  },
} as const satisfies Record<string, Workload>

const peerAccount = async (address: string, caller: number) => {
  const { email, username: name } = newNames(caller)()
  const response = await post(`${address}/api/auth/sign-up/email`, {
    email,
    name,
    password,
  })
  if (!response.ok)
    throw new Error(`better-auth answered ${response.status}: ${await response.text()}`)
  return { email, password }
}

export type WorkloadName = keyof typeof WORKLOADS

// No two of these letters look alike, because the service refuses a username that looks like a taken one.
const LETTERS = 'acdeghkpty'

const newNames = (caller: number) => {
  const prefix = `${caller}${Date.now()}`
  let count = 0
  return () => {
    count += 1
    const name = [...`${prefix}${count}`].map((digit) => LETTERS[Number(digit)]).join('')
    return { email: `${name}@${username}.example`, username: name }
  }
}
