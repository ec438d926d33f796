import { readCookies } from '../edge/cookies.ts'

/** What binds a sign-in to the browser that began it, for the ten minutes that it may take. Each sign-in has its own cookie. */
export type OAuthCookie = {
  /** The headers that keep the secret of a sign-in, and that end the oldest ones when the browser has too many under way. */
  begin(request: Request, state: string, secret: string): readonly string[]
  /** The secret of this sign-in; null without one. */
  read(request: Request, state: string | null): string | null
  /** The header that ends the cookie of a sign-in. */
  end(state: string): string
}

const SECONDS = 600
/** In one browser at the same time. Every further one ends the oldest, so that nobody fills the header `Cookie`. */
const MOST_SIGN_INS = 5
// As we make them; anything else was put there by somebody else.
const SECRET = /^[\w-]{43}$/
const STATE = /^[\w-]{43}$/
/** Enough of the state to tell the sign-ins of one browser apart. */
const NAME_LENGTH = 12

const LOCALHOST = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/

/** Over plain HTTP, which is for development on this machine only, browsers keep no cookie that is Secure. */
export const makeOAuthCookie = (publicUrl: string): OAuthCookie => {
  const isPlain = LOCALHOST.test(publicUrl)
  const prefix = isPlain ? 'oauth_tx-' : '__Host-oauth_tx-'
  const attributes = `Path=/; ${isPlain ? '' : 'Secure; '}HttpOnly; SameSite=Lax`
  const write = (name: string, value: string, seconds: number) =>
    `${name}=${value}; Max-Age=${seconds}; ${attributes}`
  const nameOf = (state: string) => `${prefix}${state.slice(0, NAME_LENGTH)}`
  const isOurs = ([name, value]: readonly [string, string]) =>
    name.startsWith(prefix) && name.length === prefix.length + NAME_LENGTH && SECRET.test(value)

  return {
    begin: (request, state, secret) => {
      // Browsers send the oldest cookie first (RFC 6265 §5.4).
      const underWay = readCookies(request).filter(isOurs)
      const tooMany = underWay.slice(0, Math.max(0, underWay.length - MOST_SIGN_INS + 1))
      return [write(nameOf(state), secret, SECONDS), ...tooMany.map(([name]) => write(name, '', 0))]
    },
    read: (request, state) => {
      if (state === null || !STATE.test(state)) return null
      const [, value = ''] = readCookies(request).find(([name]) => name === nameOf(state)) ?? []
      return SECRET.test(value) ? value : null
    },
    end: (state) => write(nameOf(state), '', 0),
  }
}
