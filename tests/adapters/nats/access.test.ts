import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Nats, NatsOptions } from '../../../src/adapters/nats/connection/open-nats.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { natsOperator } from '../../support/servers/nats/nats-credentials.ts'
import { superviseNats, until } from '../../support/servers/nats/supervised-nats.ts'
import { selfSignedCertificate } from '../../support/servers/network/self-signed-certificate.ts'
import type { Server } from '../../support/servers/provide/server.ts'

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
