import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCommandLine } from '../../../src/adapters/cli/run-command-line.ts'
import { takeDataDirectory } from '../../../src/adapters/filesystem/data-directory.ts'
import { fail } from '../../../src/domain/shared/result.ts'
import { composeCommandLine } from '../../../src/main/compose/commands/command-line.ts'
import {
  makeFakeCompose,
  withEnvironment,
} from '../../support/fakes/operations/fake-composition.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

const newFolder = () => join(temporaryFolder(), 'data')

const run = (
  line: string,
  variables: Readonly<Record<string, string>> = {},
  fake = makeFakeCompose(),
) =>
  withEnvironment(variables, async () => {
    const said = { stdout: [] as string[], stderr: [] as string[] }
    const needs = composeCommandLine(fake.compose, {
      printOut: (...lines) => said.stdout.push(...lines),
      printError: (...lines) => said.stderr.push(...lines),
    })
    const exitCode = await runCommandLine(line.split(' '), needs)
    const isTold = said.stderr[0]?.startsWith(TOLD) === true
    return {
      exitCode,
      stdout: said.stdout,
      stderr: isTold ? said.stderr.slice(1) : said.stderr,
      installation: isTold ? said.stderr[0]?.slice(TOLD.length) : undefined,
    }
  })

const TOLD = 'Installation: '

/** A service that has the data directory and answers commands in the given way. */
const withService = async <T>(
  answer: (request: Request) => Response,
  work: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = newFolder()
  const taken = await takeDataDirectory(folder)
  if (!taken.ok) throw new Error('not taken')
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer })
  await taken.value.announce(server.port ?? 0)
  try {
    return await work(folder)
  } finally {
    await server.stop(true)
    await taken.value.release()
  }
}

describe('a command without a running service', () => {
  test('runs in this process, on an up-to-date schema, and closes everything', async () => {
    const fake = makeFakeCompose()
    const folder = newFolder()
    const outcome = await run('keys rotate', { DATA_DIR: folder }, fake)
    expect(outcome).toMatchObject({ exitCode: 0, stdout: ['did keys-rotate'], stderr: [] })
    expect(fake.calls).toEqual(['compose', 'migrate', 'command keys-rotate', 'stores closed'])
    expect((await takeDataDirectory(folder)).ok).toBe(true)
  })

  test('migrates only when it is the migration command', async () => {
    const fake = makeFakeCompose()
    await run('migrate', { DATA_DIR: newFolder() }, fake)
    expect(fake.calls).toEqual(['compose', 'command migrate', 'stores closed'])
  })

  test('on a newer schema is refused and closes everything', async () => {
    const fake = makeFakeCompose({ migrate: async () => fail({ kind: 'newer-schema' }) })
    expect(await run('keys retire', { DATA_DIR: newFolder() }, fake)).toMatchObject({
      exitCode: 65,
    })
    expect(fake.calls.at(-1)).toBe('stores closed')
  })

  test('that fails closes everything', async () => {
    const fake = makeFakeCompose({ runCommand: () => Promise.reject(new Error('no disk')) })
    const folder = newFolder()
    await expect(run('migrate', { DATA_DIR: folder }, fake)).rejects.toThrow('no disk')
    expect(fake.calls.at(-1)).toBe('stores closed')
    expect((await takeDataDirectory(folder)).ok).toBe(true)
  })

  test('on data in memory is refused, because there would be no data', async () => {
    const fake = makeFakeCompose()
    expect(await run('migrate', { DATA_DIR: 'memory:' }, fake)).toMatchObject({ exitCode: 1 })
    expect(fake.calls).toEqual([])
  })

  test('with bad settings is refused with all of them', async () => {
    const outcome = await run('migrate', { LOG_LEVEL: 'loud', DOCS: 'maybe' })
    expect(outcome.exitCode).toBe(78)
    expect(outcome.stderr).toHaveLength(3)
  })
})

describe('a command with a running service', () => {
  test('goes through its management port, with the token of the data directory', async () => {
    const seen: string[] = []
    const answer = (request: Request) => {
      seen.push(`${request.method} ${new URL(request.url).pathname}`)
      seen.push(String(request.headers.get('authorization')?.length))
      return Response.json({ exitCode: 3, lines: ['as you wish'] })
    }
    const fake = makeFakeCompose()
    const outcome = await withService(answer, (folder) =>
      run('migrate', { DATA_DIR: folder }, fake),
    )
    expect(outcome).toMatchObject({ exitCode: 3, stdout: [], stderr: ['as you wish'] })
    expect(seen).toEqual(['POST /commands/migrate', String('Bearer '.length + 43)])
    expect(fake.calls).toEqual([])
  })

  test.each([
    ['does not know it', () => new Response('', { status: 404 }), 64],
    ['refuses the token', () => Response.json({ code: 'unauthenticated' }, { status: 401 }), 69],
    ['answers nonsense', () => new Response('<html>'), 69],
  ])('that %s says so', async (_, answer, exitCode) => {
    const outcome = await withService(answer, (folder) => run('migrate', { DATA_DIR: folder }))
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toHaveLength(1)
  })

  test('that stopped answering says so', async () => {
    const folder = newFolder()
    const taken = await takeDataDirectory(folder)
    if (!taken.ok) throw new Error('not taken')
    await taken.value.announce(1)
    expect(await run('migrate', { DATA_DIR: folder })).toMatchObject({ exitCode: 69 })
    await taken.value.release()
  })

  test('that is just starting waits for it', async () => {
    const folder = newFolder()
    const taken = await takeDataDirectory(folder)
    if (!taken.ok) throw new Error('not taken')
    const outcome = run('migrate', { DATA_DIR: folder })
    await Bun.sleep(150)
    await taken.value.release()
    expect(await outcome).toMatchObject({ exitCode: 0, stdout: ['did migrate'] })
  })
})

describe('the doctor', () => {
  const failed = (lines: readonly string[]) => lines.filter((line) => line.startsWith('FAIL'))

  test('makes ten checks, finds a fresh machine well and makes nothing', async () => {
    const folder = newFolder()
    const fake = makeFakeCompose()
    const { exitCode, stdout: lines } = await run('doctor', { DATA_DIR: folder }, fake)
    expect(lines.filter((line) => line.startsWith(' ok '))).toHaveLength(10)
    expect([exitCode, lines.at(-1)]).toEqual([0, 'All is well.'])
    expect(existsSync(folder)).toBe(false)
    expect(fake.calls).toEqual([])
  })

  test('finds nothing to complain about in memory', async () => {
    expect((await run('doctor', { DATA_DIR: 'memory:' })).exitCode).toBe(0)
  })

  test('asks a running service for its schema and its health', async () => {
    const answer = (request: Request) =>
      new URL(request.url).pathname === '/health'
        ? Response.json({ status: 'degraded' })
        : Response.json({ exitCode: 1, lines: ['the schema is older'] })
    const { exitCode, stderr: lines } = await withService(answer, (folder) =>
      run('doctor', { DATA_DIR: folder }),
    )
    expect(exitCode).toBe(1)
    expect(failed(lines).map((line) => line.slice(6).split(/ {2,}/))).toEqual([
      ['schema', 'the schema is older'],
      ['service', 'degraded'],
    ])
  })

  test('reports a port that another process uses', async () => {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
    const { stderr: lines } = await run('doctor', {
      DATA_DIR: 'memory:',
      PORT: String(server.port),
    })
    await server.stop(true)
    expect(failed(lines).join()).toContain('set PORT')
  })

  test('reports every bad setting, and what it could not check', async () => {
    const { exitCode, stderr: lines } = await run('doctor', { LOG_LEVEL: 'loud', DOCS: 'maybe' })
    expect(exitCode).toBe(1)
    expect(lines.join('\n')).toContain('LOG_LEVEL must be one of')
    expect(lines.join('\n')).toContain('DOCS must be one of')
    expect(lines.at(-1)).toBe('7 of 10 checks failed.')
  })
})
