import { ACCOUNT } from '../account.ts'
import { accessToken, patch, post, refreshToken } from './requests.ts'

/** Sends one request and resolves with its answer. */
type Step = () => Promise<Response>
/** Makes one caller ready: what it has to do first does not count. */
export type Workload = (address: string, caller: number) => Promise<Step>

const { email, username, password } = ACCOUNT
const login = { identifier: email, password }

const signedIn = async (address: string) =>
  (await post(new URL('/v1/auth/login', address), login)).json()

/** What callers can be told to do, by the name that figures use. */
export const WORKLOADS = {
  get: async (address) => () => fetch(address),
  'post-password': async (address) => () => post(address, login),
  'sign-in': async (address) => () => post(new URL('/v1/auth/login', address), login),
  register: async (address, caller) => {
    const names = newNames(caller)
    return () => post(new URL('/v1/auth/register', address), { ...names(), password })
  },
  'read-profile': async (address) => {
    const headers = { authorization: `Bearer ${accessToken(await signedIn(address))}` }
    return () => fetch(new URL('/v1/users/me', address), { headers })
  },
  'change-profile': async (address, caller) => {
    const made = await post(new URL('/v1/auth/register', address), {
      ...newNames(caller)(),
      password,
    })
    const bearer = accessToken(await made.json())
    let count = 0
    return () => {
      count += 1
      return patch(new URL('/v1/users/me', address), bearer, { displayName: `Name ${count}` })
    }
  },
  refresh: async (address) => {
    let token = refreshToken(await signedIn(address))
    return async () => {
      const response = await post(new URL('/v1/auth/refresh', address), { refreshToken: token })
      if (response.status === 200) token = refreshToken(await response.clone().json())
      return response
    }
  },
} as const satisfies Record<string, Workload>

export type WorkloadName = keyof typeof WORKLOADS

// None of these letters looks like another one, since names that look alike are refused.
const LETTERS = 'acdeghkpty'

export const newNames = (caller: number) => {
  const prefix = `${caller}${Date.now()}`
  let count = 0
  return () => {
    count += 1
    const name = [...`${prefix}${count}`].map((digit) => LETTERS[Number(digit)]).join('')
    return { email: `${name}@${username}.example`, username: name }
  }
}
