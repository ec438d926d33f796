import { ACCOUNT } from '../account.ts'
import { accessToken, patch, post, refreshToken } from './requests.ts'

/** Sends one request and resolves with its answer. */
type Step = () => Promise<Response>
/** Makes one caller ready: what it has to do first does not count. */
export type Workload = (address: string, caller: number) => Promise<Step>

// A session remembers its rotations of the last seconds, and no client rotates more than a few times in them: one session
// for each caller would measure a list of hundreds.
const SESSIONS = 100

const { email, username, password } = ACCOUNT
const login = { identifier: email, password }

const signedIn = async (address: string) =>
  (await post(new URL('/v1/auth/login', address), login)).json()

/** No two callers wait for the row of one account. */
const ownAccount = async (address: string, caller: number) => {
  const names = newNames(caller)()
  const made = await post(new URL('/v1/auth/register', address), { ...names, password })
  return { ...names, accessToken: accessToken(await made.json()) }
}

/** What callers can be told to do, by the name that figures use. */
export const WORKLOADS = {
  get: async (address) => () => fetch(address),
  'post-password': async (address) => () => post(address, login),
  'sign-in': async (address, caller) => {
    const { email: identifier } = await ownAccount(address, caller)
    return () => post(new URL('/v1/auth/login', address), { identifier, password })
  },
  register: async (address, caller) => {
    const names = newNames(caller)
    return () => post(new URL('/v1/auth/register', address), { ...names(), password })
  },
  'read-profile': async (address) => {
    const headers = { authorization: `Bearer ${accessToken(await signedIn(address))}` }
    return () => fetch(new URL('/v1/users/me', address), { headers })
  },
  'change-profile': async (address, caller) => {
    const bearer = (await ownAccount(address, caller)).accessToken
    let count = 0
    return () => {
      count += 1
      return patch(new URL('/v1/users/me', address), bearer, { displayName: `Name ${count}` })
    }
  },
  refresh: async (address) => {
    const tokens: string[] = []
    while (tokens.length < SESSIONS) tokens.push(refreshToken(await signedIn(address)))
    let turn = 0
    return async () => {
      turn = (turn + 1) % SESSIONS
      const token = tokens[turn]
      const response = await post(new URL('/v1/auth/refresh', address), { refreshToken: token })
      if (response.status === 200) tokens[turn] = refreshToken(await response.clone().json())
      return response
    }
  },
  'peer-sign-up': async (address, caller) => {
    const names = newNames(caller)
    return () => {
      const { email, username: name } = names()
      return post(new URL('/api/auth/sign-up/email', address), { email, name, password })
    }
  },
  'peer-sign-in': async (address, caller) => {
    const account = await peerAccount(address, caller)
    return () => post(new URL('/api/auth/sign-in/email', address), account)
  },
  'peer-session': async (address, caller) => {
    const account = await peerAccount(address, caller)
    const signedIn = await post(new URL('/api/auth/sign-in/email', address), account)
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    const ask = () => fetch(new URL('/api/auth/get-session', address), { headers: { cookie } })
    // Without a session it answers 200 all the same, and null.
    if ((await (await ask()).json()) === null) throw new Error('the peer knows no session')
    return ask
  },
} as const satisfies Record<string, Workload>

const peerAccount = async (address: string, caller: number) => {
  const { email, username: name } = newNames(caller)()
  const made = await post(new URL('/api/auth/sign-up/email', address), { email, name, password })
  if (!made.ok) throw new Error(`the peer answered ${made.status}: ${await made.text()}`)
  return { email, password }
}

export type WorkloadName = keyof typeof WORKLOADS

// None of these letters looks like another one, since names that look alike are refused.
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
