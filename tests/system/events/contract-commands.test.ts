import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { fileOf, givenContract, writtenPact } from '../../support/builders/events/given-contract.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'

/** A Pact Broker with the given Pacts of `auth-service`, as far as a verifier asks one. */
const fakePactBroker = (pacts: readonly string[], token: string) => {
  const published: Readonly<Record<string, unknown>>[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      if (request.headers.get('authorization') !== `Bearer ${token}`)
        return new Response(null, { status: 401 })
      const { origin, pathname } = new URL(request.url)
      const link = (path: string) => ({ href: `${origin}${path}` })
      const [, kind, number] = pathname.split('/')
      if (kind === 'results') {
        published.push(JSON.parse(await request.text()))
        return hal({ _links: { self: link(pathname) } }, 201)
      }
      if (kind === 'pact')
        return hal({
          ...JSON.parse(pacts[Number(number)] ?? '{}'),
          _links: { self: link(pathname), 'pb:publish-verification-results': link('/results') },
        })
      if (kind === 'for-verification')
        return hal({
          _links: { self: link(pathname) },
          _embedded: {
            pacts: pacts.map((_, place) => ({
              shortDescription: 'latest',
              verificationProperties: { pending: false, notices: [] },
              _links: { self: { ...link(`/pact/${place}`), name: `pact ${place}` } },
            })),
          },
        })
      return hal({ _links: { 'pb:provider-pacts-for-verification': link('/for-verification') } })
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  return { url, published, close: () => server.stop(true) }
}

const hal = (body: object, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/hal+json' },
  })

const verify = (...words: readonly string[]) => runCommand(['contract', 'verify', ...words])

describe('auth contract verify', () => {
  test('accepts a contract that is not in this repository', async () => {
    const path = await givenContract('newsletter', 1, [
      { description: 'somebody new', state: 'user registered', reads: ['email'] },
    ])
    expect(await verify(path)).toMatchObject({
      exitCode: 0,
      stdout: 'newsletter:\n   ok   somebody new (user registered)\nAll 1 interactions are kept.\n',
    })
  })

  test('refuses a contract that is not fulfilled, and names the field', async () => {
    const path = fileOf(writtenPact('newsletter', [{ content: { mail: 'ada@example.com' } }]))
    const { exitCode, stderr } = await verify(path)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('FAIL  somebody new (user registered)')
    expect(stderr).toContain('missing the following keys: mail')
  })

  test('refuses two contracts that cannot both be fulfilled', async () => {
    const [one, other] = [{ content: { role: 'user' } }, { content: { role: 'admin' } }]
    const paths = [one, other].map((message, number) =>
      fileOf(writtenPact(`team-${number}`, [message]), `${number}.json`),
    )
    const { exitCode, stderr } = await verify(...paths)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('team-0 and team-1 both ask for “somebody new”')
  })

  test.each([
    [
      'a state that is none',
      writtenPact('team', [{ states: [{ name: 'user exploded' }] }]),
      1,
      'There are: user registered, ',
    ],
    ['what is no Pact', '{}', 65, 'It is not a Pact'],
  ])('refuses %s before it asks anything', async (_, text, exitCode, said) => {
    const outcome = await verify(fileOf(text))
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(said)
  })

  test.each([
    ['a file that is not there', ['/nowhere/pact.json'], 65, 'It cannot be read.'],
    ['no file, and no broker', [], 64, 'PACT_BROKER_BASE_URL'],
    ['results to publish, but no broker', ['a.json', '--publish', '1.0.0'], 64, '--publish'],
  ])('refuses %s', async (_, words, exitCode, said) => {
    const outcome = await verify(...words)
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(said)
  })
})

describe('auth contract verify with a broker', () => {
  const pact = (field: string) =>
    writtenPact('newsletter', [
      { content: { [field]: 'x' }, matchingRules: { body: { [`$.${field}`]: TYPE } } },
    ])
  const withBroker = async (pacts: readonly string[], ...words: readonly string[]) => {
    const broker = fakePactBroker(pacts, 'a-token')
    const environment = { PACT_BROKER_BASE_URL: broker.url, PACT_BROKER_TOKEN: 'a-token' }
    const outcome = await runCommand(['contract', 'verify', ...words], { environment })
    await broker.close()
    return { ...outcome, published: broker.published }
  }

  test('reads the contracts from the broker, and publishes nothing unless asked', async () => {
    expect(await withBroker([pact('email')])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('newsletter:'),
      published: [],
    })
  })

  test('publishes the result under the given version', async () => {
    const { exitCode, published } = await withBroker([pact('mail')], '--publish', '1.2.3')
    expect(exitCode).toBe(1)
    expect(published).toMatchObject([{ success: false, providerApplicationVersion: '1.2.3' }])
  })

  test('is refused when the broker refuses', async () => {
    const broker = fakePactBroker([], 'a-token')
    const environment = { PACT_BROKER_BASE_URL: broker.url }
    const { exitCode, stderr } = await runCommand(['contract', 'verify'], { environment })
    await broker.close()
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('401')
  })

  test('refuses a malformed address', async () => {
    const environment = { PACT_BROKER_BASE_URL: 'broker' }
    const { exitCode, stderr } = await runCommand(['contract', 'verify'], { environment })
    expect(exitCode).toBe(78)
    expect(stderr).toContain('PACT_BROKER_BASE_URL must be an address')
  })
})

const TYPE = { combine: 'AND', matchers: [{ match: 'type' }] }

describe('auth contract serve', () => {
  test('answers a verifier until it gets a signal to stop', async () => {
    const command = [join(BIN, 'bun'), join(ROOT, 'src/main/cli.ts'), 'contract', 'serve']
    const served = spawnProcess([...command, '--port', '0'], {})
    const url = await served.waitFor(
      'its address',
      ({ stdout }) => /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout)?.[0],
      20,
    )
    const answer = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({
        description: 'in any words',
        providerStates: [{ name: 'user deleted', params: { subject: 'user.events.v2' } }],
      }),
    })
    expect(await answer.json()).toMatchObject({ action: 'deleted', schemaVersion: 2 })
    served.signal('SIGTERM')
    expect(await served.ended()).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['--port', 'many'],
    ['--host', 'a b'],
  ])('refuses %s %s', async (option, value) => {
    const { exitCode, stderr } = await runCommand(['contract', 'serve', option, value])
    expect(exitCode).toBe(64)
    expect(stderr).toContain(option)
  })
})
