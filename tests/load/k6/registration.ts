// Without the modules of k6, because the users of a suite are registered before k6 starts.

// No two of these letters look alike, because the service refuses a username that looks like a taken one.
const LETTERS = 'acdeghkpty'
const run = Date.now()

/** A username that is not taken. `digits` must differ for each account of a run. */
export const usernameFrom = (digits: string): string =>
  [...`${run}${digits}`]
    .map((digit) => LETTERS[Number(digit)] ?? 'a')
    .join('')
    .slice(-30)

const PASSWORD = 'six wide rivers, no bridge'

export const PASSWORD_BODY = { password: PASSWORD } as const

export const JSON_BODY = { 'content-type': 'application/json' } as const

/** The body of a registration. */
export const registration = (username: string): string =>
  JSON.stringify({ email: `${username}@load.example`, username, ...PASSWORD_BODY })

/** The body of the answer to a registration or a sign-in. */
export type Answer = {
  readonly tokens: {
    readonly accessToken: string
    readonly refreshToken: string
    /** The lifetime of the access token in seconds. */
    readonly expiresIn: number
  }
  readonly user: { readonly username: string }
}

/** A user who is signed in. */
export type Account = {
  readonly access: string
  readonly refresh: string
  readonly username: string
}

export const accountOf = ({ tokens, user }: Answer): Account => ({
  access: tokens.accessToken,
  refresh: tokens.refreshToken,
  username: user.username,
})

/** Why a run stops when a registration or a sign-in was refused. */
export const refusal = (status: number): string =>
  `registering or signing in was answered ${status}. All requests come from one IP address, so raise the rate limits of the ` +
  'service (RATE_LIMIT_…).'
