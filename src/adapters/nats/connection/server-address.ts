/** The parts of a NATS server's address, as an operator writes it. */
export type ServerAddress = {
  readonly host: string
  readonly port: number
  /** The scheme is `tls://`: a server without TLS is refused. */
  readonly tls: boolean
  readonly user: string | null
  readonly password: string | null
}

const DEFAULT_PORT = 4222

/**
 * Parses `nats://host:4222` or `tls://user:password@host`. The client ignores the scheme and the credentials of an address,
 * so they are read here.
 * @throws TypeError when the text is no address.
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

/** The address without credentials, so that logs may show it. */
export const shownAddress = ({ host, port }: ServerAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
