import type { makeAuthClient } from '../../../../examples/web/auth-client.js'

export const SERVICE = 'https://auth.example.com'
export const PAGE = 'https://app.example.com/'

export type Asked = { readonly path: string; readonly body: unknown; readonly token: string | null }
type Reply = { readonly status?: number; readonly body?: unknown }

/** A browser in which every tab runs this client, and a service that answers as it is told. */
export type Tabs = {
  /** What the tabs have asked for, oldest first. */
  readonly asked: Asked[]
  reply: (asked: Asked) => Reply | Promise<Reply>
  /** Opens one more; `sessionStorage` is that of a tab which has left for another page and comes back. */
  open(search?: string, sessionStorage?: Storage): Tab
  /** Closes all; what the browser keeps stays. */
  closeAll(): void
}

type Tab = {
  readonly client: ReturnType<typeof makeAuthClient>
  /** Where it was sent to. */
  readonly went: readonly string[]
  /** What `onChange` was told. */
  readonly heard: readonly boolean[]
  /** What its address was replaced by. */
  readonly addresses: readonly string[]
  readonly sessionStorage: Storage
}

type Channel = { onmessage?: (message: { data: unknown }) => void }

const makeStorage = (): Storage => {
  const kept = new Map<string, string>()
  return Object.assign(Object.create(null), {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
}

/** One holder at a time, in the order of asking. */
const makeLocks = () => {
  let last: Promise<unknown> = Promise.resolve()
  return {
    request: (_name: string, hold: () => Promise<unknown>) => {
      const held = last.then(hold)
      last = held.catch(() => {})
      return held
    },
  }
}

export const givenTabs = (makeClient: typeof makeAuthClient): Tabs => {
  const [localStorage, locks, asked] = [makeStorage(), makeLocks(), [] as Asked[]]
  const channels: Channel[] = []
  class BroadcastChannel implements Channel {
    onmessage?: (message: { data: unknown }) => void
    constructor() {
      channels.push(this)
    }
    postMessage(data: unknown) {
      for (const channel of channels) if (channel !== this) channel.onmessage?.({ data })
    }
  }
  const fetch = async (address: string, { headers, body }: { headers: Headers; body?: string }) => {
    const one = {
      path: address.slice(SERVICE.length),
      body: body === undefined ? null : JSON.parse(body),
      token: headers.get('authorization'),
    }
    asked.push(one)
    const { status = 200, body: reply = null } = await tabs.reply(one)
    return new Response(status === 204 ? null : JSON.stringify(reply), { status })
  }
  const open: Tabs['open'] = (search = '', sessionStorage = makeStorage()) => {
    const [went, heard, addresses] = [[] as string[], [] as boolean[], [] as string[]]
    const browser = {
      BroadcastChannel,
      fetch,
      localStorage,
      sessionStorage,
      navigator: { locks },
      location: { search, assign: (address: string) => went.push(address) },
      history: { replaceState: (_: null, _title: string, to: string) => addresses.push(to) },
    }
    const onChange = (signedIn: boolean) => heard.push(signedIn)
    const client = makeClient({ service: SERVICE, redirectUri: PAGE, onChange, browser })
    return { client, went, heard, addresses, sessionStorage }
  }
  const closeAll = () => void channels.splice(0)
  const tabs: Tabs = { asked, reply: () => ({}), open, closeAll }
  return tabs
}

let tokens = 0
const newTokens = (expiresIn: number) => {
  tokens += 1
  return { accessToken: `token-${tokens}`, tokenType: 'Bearer', expiresIn }
}

/** A service that only signs in, with tokens that live `expiresIn` seconds, refreshes, and signs out. */
export const usualService =
  (expiresIn = 600) =>
  ({ path }: Asked): Reply => {
    if (path === '/v1/auth/refresh') return { body: { tokens: newTokens(600) } }
    if (path === '/v1/auth/logout') return { status: 204 }
    return { body: { user: { id: 'u1' }, tokens: newTokens(expiresIn) } }
  }

export const refreshesIn = ({ asked }: Tabs): number =>
  asked.filter(({ path }) => path === '/v1/auth/refresh').length
