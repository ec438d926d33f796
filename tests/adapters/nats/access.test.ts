import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nkeys } from 'nats'
import type { Nats, NatsOptions } from '../../../src/adapters/nats/connection/open-nats.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { superviseNats } from '../../support/servers/nats/supervised-nats.ts'
import { selfSignedCertificate } from '../../support/servers/network/self-signed-certificate.ts'
import type { Server } from '../../support/servers/provide/server.ts'

// A server in operator mode, as the tools of NATS set it up: JSON web tokens signed by Ed25519 keys
// (nats-io/jwt, version 2), each signed by the one above: operator, account, user.

type KeyPair = ReturnType<typeof nkeys.createUser>

const encode = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

const HEADER = encode(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }))

const tokenOf = (subject: KeyPair, issuer: KeyPair, nats: Readonly<Record<string, unknown>>) => {
  const claims = {
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    nats: { ...nats, version: 2 },
  }
  const signed = `${HEADER}.${encode(JSON.stringify(claims))}`
  return `${signed}.${encode(issuer.sign(new TextEncoder().encode(signed)))}`
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 }
const ACCOUNT = {
  type: 'account',
  limits: { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
}

/** Configuration of a server that knows one user, and the content of that user's credentials file. */
const natsOperator = (): { readonly config: string; readonly credentials: string } => {
  const operator = nkeys.createOperator()
  const [account, system] = [nkeys.createAccount(), nkeys.createAccount()]
  const user = nkeys.createUser()
  const accounts = [account, system].map(
    (each) => `${each.getPublicKey()}: ${tokenOf(each, operator, ACCOUNT)}`,
  )
  const config = `operator: ${tokenOf(operator, operator, { type: 'operator' })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload { ${accounts.join('\n')} }
`
  const seed = new TextDecoder().decode(user.getSeed())
  const credentials = [
    '-----BEGIN NATS USER JWT-----',
    tokenOf(user, account, { type: 'user', ...UNLIMITED }),
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n')
  return { config, credentials }
}

let folder: string
const written = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nats-access-'))
})
afterAll(() => rm(folder, { recursive: true }))

const open: Nats[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((nats) => nats.close()))
})

/** Null when it got in, else what was logged about why not. */
const reasonAt = async (url: string, options: Partial<NatsOptions>): Promise<string | null> => {
  const { nats, logged } = superviseNats(url, options)
  open.push(nats)
  const refusal = () => logged.find(({ event }) => event === 'nats.unreachable')
  await until('decided', () => nats.isConnected() || refusal() !== undefined)
  return nats.isConnected() ? null : String(refusal()?.fields?.['reason'])
}

describe('a NATS server with TLS', () => {
  const ours = selfSignedCertificate()
  let server: Server
  let strict: Server
  let caFile: string
  beforeAll(async () => {
    const files = { 'server.pem': ours.certificate, 'key.pem': ours.key }
    const tls = 'cert_file: "server.pem", key_file: "key.pem"'
    server = await givenNatsServer(`tls { ${tls} }`, files)
    strict = await givenNatsServer(`tls { ${tls}, ca_file: "server.pem", verify: true }`, files)
    caFile = await written('ca.pem', ours.certificate)
  }, 60_000)

  test('is connected to when its certificate comes from the authority in the file', async () => {
    expect(await reasonAt(server.url, { tls: { caFile } })).toBeNull()
    expect(await reasonAt(server.url.replace('nats:', 'tls:'), { tls: { caFile } })).toBeNull()
  })

  test('is refused when no trusted authority signed its certificate', async () => {
    expect(await reasonAt(server.url, {})).not.toBeNull()
    const other = await written('other.pem', selfSignedCertificate().certificate)
    expect(await reasonAt(server.url, { tls: { caFile: other } })).not.toBeNull()
  })

  test('that wants a certificate of ours gets it from the files', async () => {
    const keyFile = await written('key.pem', ours.key)
    expect(await reasonAt(strict.url, { tls: { caFile } })).not.toBeNull()
    const tls = { caFile, certFile: caFile, keyFile }
    expect(await reasonAt(strict.url, { tls })).toBeNull()
  })
})

describe('a NATS server without TLS', () => {
  test('is refused where TLS was asked for', async () => {
    const { url } = await givenNatsServer()
    expect(await reasonAt(url, { tls: {} })).toBe('SERVER_OPT_NA')
    expect(await reasonAt(url.replace('nats:', 'tls:'), {})).toBe('SERVER_OPT_NA')
  })
})

describe('a NATS server with a token', () => {
  const token = 's3cr,et%'
  const urlWith = (server: Server, credentials: string) =>
    server.url.replace('nats://', `nats://${credentials}@`)

  test('is reached with the token in its address, or beside it', async () => {
    const server = await givenNatsServer(`authorization { token: "${token}" }`)
    expect(await reasonAt(urlWith(server, token), {})).toBeNull()
    expect(await reasonAt(urlWith(server, encodeURIComponent(token)), {})).toBeNull()
    expect(await reasonAt(server.url, { token })).toBeNull()
    expect(await reasonAt(urlWith(server, 'wrong'), { token })).toBeNull()
    for (const wrong of [server.url, urlWith(server, 'wrong'), urlWith(server, `user:${token}`)])
      expect(await reasonAt(wrong, {})).toBe('AUTHORIZATION_VIOLATION')
  })

  test('or a password with a comma and a bare % is reached through its address', async () => {
    const server = await givenNatsServer(`authorization { user: "a", password: "${token}" }`)
    expect(await reasonAt(urlWith(server, `a:${token}`), {})).toBeNull()
    expect(await reasonAt(urlWith(server, token), {})).toBe('AUTHORIZATION_VIOLATION')
  })
})

describe('a NATS server in operator mode', () => {
  const { config, credentials } = natsOperator()
  let server: Server
  beforeAll(async () => {
    server = await givenNatsServer(config)
  }, 60_000)

  test('accepts a known credentials file, and the file is read again at each connection', async () => {
    const credentialsFile = await written('user.creds', natsOperator().credentials)
    const { nats, logged } = superviseNats(server.url, { credentialsFile })
    open.push(nats)
    await until('refused', () => logged.some(({ event }) => event === 'nats.unreachable'))
    await written('user.creds', credentials)
    await until('connected', () => nats.isConnected())
  })

  test('refuses a connection without a file, or with one that cannot be read', async () => {
    expect(await reasonAt(server.url, {})).toBe('AUTHORIZATION_VIOLATION')
    const absent = join(folder, 'absent.creds')
    expect(await reasonAt(server.url, { credentialsFile: absent })).toBe('ENOENT')
    const broken = await written('broken.creds', 'nothing of use')
    expect(await reasonAt(server.url, { credentialsFile: broken })).toBe('BAD_CREDS')
  })
})
