import { once } from 'node:events'
import { makeGrants, secretText } from './grants.ts'
import { makeKeys } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import type { Endpoint, ProviderName } from './names.ts'
import type { Decision } from './people.ts'
import { writeDecision } from './people.ts'
import type { Call, Needs, Provider } from './provider.ts'
import { makeFacebook } from './providers/facebook.ts'
import { makeGoogle } from './providers/google.ts'
import { makeLine } from './providers/line.ts'
import { makeServer } from './server.ts'

type Options = {
  /** 0, the default, selects a free port. */
  readonly port?: number
  /** Where browsers may be redirected to; by default any port of this machine. */
  readonly isRegisteredRedirect?: (redirectUri: string) => boolean
}

export type FakeProviders = {
  /** Like `http://localhost:3002`, without a slash at the end. */
  readonly url: string
  /** The settings with which the service uses these instead of the real providers. */
  readonly settings: Readonly<Record<string, string>>
  /** The last 1 000 calls since the start or the last `behave`, oldest first. */
  calls(provider: ProviderName, endpoint?: Endpoint): readonly Call[]
  /** Sets the misbehaviour of a provider. It replaces an earlier one. */
  misbehave(provider: ProviderName, misbehaviour: Misbehaviour): void
  /** Signs with a new key from now on. The old keys stay published. */
  rotateKeys(provider: ProviderName): void
  /** Ends all misbehaviour and forgets all calls. */
  behave(): void
  /**
   * Acts as the browser and its user on the page at this address. Answers the callback address that it is redirected to.
   * @throws Error with the text of the page when the provider refused.
   */
  decide(authorizationUrl: string, decision: Decision): Promise<string>
  close(): Promise<void>
}

const MAKERS: Readonly<Record<ProviderName, (needs: Needs) => Provider>> = {
  google: makeGoogle,
  facebook: makeFacebook,
  line: makeLine,
}

const CALLS_KEPT = 1000

/**
 * Starts fake Google, Facebook and LINE on one port of this machine, for development and tests: the three real protocols over
 * real HTTP, with accounts that need no password. The client secrets are new at each start.
 */
export const startFakeProviders = async ({
  port = 0,
  isRegisteredRedirect = isOnThisMachine,
}: Options = {}): Promise<FakeProviders> => {
  const misbehaviours = new Map<ProviderName, Misbehaviour>()
  const keys = { google: makeKeys(), facebook: makeKeys(), line: makeKeys() }
  const grants = makeGrants()
  let calls: Call[] = []
  let providers: readonly Provider[] = []
  const server = makeServer({
    providers: () => providers,
    faultAt: ({ provider, endpoint }) => misbehaviours.get(provider)?.faults?.[endpoint],
    record: (call) => {
      calls = [...calls.slice(1 - CALLS_KEPT), call]
    },
  })
  await listen(server, port)
  const url = `http://localhost:${portOf(server)}`
  providers = (['google', 'facebook', 'line'] as const).map((name) =>
    MAKERS[name]({
      url: `${url}/${name}`,
      registration: { id: `fake-${name}`, secret: secretText() },
      grants,
      keys: keys[name],
      misbehaviour: () => misbehaviours.get(name) ?? {},
      isRegisteredRedirect,
    }),
  )
  return {
    url,
    settings: Object.assign({}, ...providers.map(({ settings }) => settings)),
    calls: (provider, endpoint) =>
      calls.filter(
        (call) =>
          call.provider === provider && (endpoint === undefined || call.endpoint === endpoint),
      ),
    misbehave: (provider, misbehaviour) => void misbehaviours.set(provider, misbehaviour),
    rotateKeys: (provider) => keys[provider].rotate(),
    behave: () => {
      misbehaviours.clear()
      calls = []
    },
    decide,
    close: async () => {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

type Server = ReturnType<typeof makeServer>

const listen = async (server: Server, port: number): Promise<void> => {
  // Loopback only, because no password is asked here.
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

const portOf = (server: Server): number => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return address.port
}

const isOnThisMachine = (redirectUri: string): boolean => {
  if (!URL.canParse(redirectUri)) return false
  const { protocol, hostname } = new URL(redirectUri)
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

const decide: FakeProviders['decide'] = async (authorizationUrl, decision) => {
  const response = await fetch(authorizationUrl, {
    method: 'POST',
    body: writeDecision(decision),
    redirect: 'manual',
  })
  const location = response.headers.get('location')
  if (location !== null) return location
  throw new Error(`the provider answered ${response.status}: ${await response.text()}`)
}
