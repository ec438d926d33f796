/** One NATS server as an operator names it, taken apart. */
export type ServerAddress = {
  readonly host: string
  readonly port: number
  /** `tls://` was asked for: a server that does not offer it is refused. */
  readonly tls: boolean
  readonly user: string | null
  readonly password: string | null
}

const DEFAULT_PORT = 4222

/**
 * Reads `nats://host:4222` or `tls://user:password@host`. The client would take the scheme and the credentials of an
 * address for decoration, so they are read here.
 * @throws TypeError when it is no address.
 */
export const parseServerAddress = (text: string): ServerAddress => {
  const url = new URL(text.includes('://') ? text : `nats://${text}`)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    tls: url.protocol === 'tls:',
    user: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
  }
}

/** Without credentials, as logs may show it. */
export const shownAddress = ({ host, port }: ServerAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
