// A browser client for auth-service, in one file to copy. The access token is only in the memory of this page. The refresh
// token is in a cookie that scripts cannot read. Providers use the authorization code flow with PKCE (RFC 7636).

const base64url = (/** @type {ArrayBuffer} */ bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/[+/]/g, (letter) => (letter === '+' ? '-' : '_'))
    .replace(/=+$/, '')

/** 256 random bits in 43 characters: a verifier (RFC 7636 §4.1), or a state. */
export const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)).buffer)

/** S256 of a verifier (RFC 7636 §4.2). @param {string} verifier */
export const challengeOf = async (verifier) =>
  base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)))

/**
 * `code` is a problem code of the service. With status 0 it is the error that came back from a provider. `errors` says what
 * is wrong with which field: `{ pointer: '#/email', code, detail }`.
 */
const refusal = (code, status = 0, detail = code, errors = []) =>
  Object.assign(new Error(detail), { code, status, errors })

/**
 * `service` is the address of the service. `redirectUri` is the page that providers send the browser back to; this page
 * calls `finish`. `onChange` is called with true or false when somebody signs in or out, in any tab.
 * @param {{ service: string, redirectUri: string, onChange?: (signedIn: boolean) => void, browser?: any }} needs
 */
export const makeAuthClient = ({ service, redirectUri, onChange, browser = globalThis }) => {
  const { sessionStorage, localStorage, navigator, location, history } = browser
  const tabs = new browser.BroadcastChannel('auth')
  let [access, refreshing] = [null, null]
  const keep = (tokens, tell = true) => {
    access = tokens && { until: Date.now() + (tokens.expiresIn - 30) * 1000, ...tokens }
    localStorage.setItem('auth:signed-in', tokens ? 'yes' : '')
    if (tell) tabs.postMessage(access)
    onChange?.(access !== null)
  }
  tabs.onmessage = ({ data }) => keep(data, false)

  const send = async (method, path, json, token) => {
    const headers = new Headers(json && { 'content-type': 'application/json' })
    if (token) headers.set('authorization', `Bearer ${token}`)
    const request = { method, headers, credentials: 'include', body: json && JSON.stringify(json) }
    const response = await browser.fetch(service + path, request)
    const answer = await response.json().catch(() => null)
    if (!response.ok) throw refusal(answer?.code, response.status, answer?.detail, answer?.errors)
    return answer
  }

  // One refresh at a time in all tabs. A tab that had to wait for another tab has the new token by then.
  const refresh = (stale = access) => {
    refreshing ??= navigator.locks
      .request('auth-refresh', async () => {
        if (access === stale) keep((await send('POST', '/v1/auth/refresh')).tokens)
      })
      .catch((fault) => {
        if (fault.status === 401 || fault.status === 422) keep(null)
        throw fault
      })
      .finally(() => (refreshing = null))
    return refreshing
  }

  /** Sends any request as the signed-in user. */
  const call = async (method, path, json) => {
    if (!access || access.until < Date.now()) await refresh()
    const token = access?.accessToken
    return send(method, path, json, token).catch(async (fault) => {
      if (fault.status !== 401) throw fault
      if (token === access?.accessToken) await refresh()
      return send(method, path, json, access?.accessToken)
    })
  }

  const signInAt = async (path, json) => {
    const answer = await send('POST', path, { ...json, refreshTransport: 'cookie' })
    keep(answer.tokens)
    return answer
  }

  /** State and verifier stay in this tab. The service gets the state and the challenge. */
  const begin = async (isLink) => {
    const flow = { state: randomText(), codeVerifier: randomText(), isLink }
    sessionStorage.setItem('auth:flow', JSON.stringify(flow))
    return { redirectUri, state: flow.state, codeChallenge: await challengeOf(flow.codeVerifier) }
  }

  return {
    call,
    register: (fields) => signInAt('/v1/auth/register', fields),
    signIn: (identifier, password) => signInAt('/v1/auth/login', { identifier, password }),
    /** Both leave this page. `link` gives the signed-in user another way to sign in. */
    signInWith: async (provider) => {
      const { state, codeChallenge } = await begin(false)
      const pkce = { code_challenge: codeChallenge, code_challenge_method: 'S256' }
      const query = new URLSearchParams({ redirect_uri: redirectUri, state, ...pkce })
      location.assign(`${service}/v1/auth/oauth/${provider}?${query}`)
    },
    link: async (provider) => {
      const path = `/v1/users/me/identities/${provider}`
      location.assign((await call('POST', path, await begin(true))).authorizationUrl)
    },
    /** Call this when the page opens. Null unless a provider has just sent the browser back. */
    finish: async () => {
      const { code, state, error } = Object.fromEntries(new URLSearchParams(location.search))
      if (!state) return null
      history.replaceState(null, '', redirectUri)
      const flow = JSON.parse(sessionStorage.getItem('auth:flow') ?? '{}')
      sessionStorage.removeItem('auth:flow')
      if (flow.state !== state) throw refusal('not-begun-here')
      if (error) throw refusal(error)
      const proof = { code, state, codeVerifier: flow.codeVerifier, redirectUri }
      const path = '/v1/auth/oauth/exchange'
      return flow.isLink ? call('POST', path, proof) : signInAt(path, proof)
    },
    /** Whether somebody is still signed in. */
    restore: async () => {
      if (!access && localStorage.getItem('auth:signed-in')) await refresh()
      return access !== null
    },
    signOut: () => send('POST', '/v1/auth/logout', {}).then(() => keep(null)),
  }
}
