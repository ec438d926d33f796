import { readCookie } from '../edge/cookies.ts'

/** What binds a sign-in to the browser that began it, for the ten minutes that it may take. */
export type OAuthCookie = {
  write(value: string): string
  read(request: Request): string | null
}

const SECONDS = 600
// As we make them; anything else was put there by somebody else.
const VALUE = /^[\w-]{43}$/

const LOCALHOST = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/

/** Over plain HTTP, which is for development on this machine only, browsers keep no cookie that is Secure. */
export const makeOAuthCookie = (publicUrl: string): OAuthCookie => {
  const isPlain = LOCALHOST.test(publicUrl)
  const name = isPlain ? 'oauth_tx' : '__Host-oauth_tx'
  const attributes = `Path=/; ${isPlain ? '' : 'Secure; '}HttpOnly; SameSite=Lax`
  return {
    write: (value) => `${name}=${value}; Max-Age=${SECONDS}; ${attributes}`,
    read: (request) => {
      const value = readCookie(request, name)
      return value !== null && VALUE.test(value) ? value : null
    },
  }
}
