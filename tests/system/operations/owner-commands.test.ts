import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import {
  preparedData,
  startPreparedService,
} from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand, startService } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

const COMMAND_MILLISECONDS = 60_000
const newFolder = () => join(temporaryFolder(), 'data')

const createAdmin = (username: string, dataDirectory: string, stdin = `${PASSWORD}\n`) =>
  runCommand(['admin', 'create', '--email', `${username}@example.com`, '--username', username], {
    dataDirectory,
    stdin,
  })

const kidsOf = async (service: Service): Promise<readonly string[]> => {
  const { keys } = (await send(service, 'GET', '/.well-known/jwks.json')).body
  return keys.map(({ kid }: { readonly kid: string }) => kid)
}

describe('with the service running, the owner', () => {
  let service: Service
  beforeAll(async () => {
    service = await startPreparedService()
  }, COMMAND_MILLISECONDS)
  afterAll(async () => {
    await service.stop()
  })

  test(
    'makes an administrator who signs in, and a second run changes nothing [CF4]',
    async () => {
      const made = await createAdmin('ada', service.dataDirectory)
      expect(made).toMatchObject({ exitCode: 0, stderr: '' })
      expect(made.stdout).toStartWith('Created the administrator ada (')
      const admin = await signIn(service, 'ada')
      expect(admin).toMatchObject({ status: 200, body: { user: { role: 'admin' } } })
      const again = await createAdmin('ada', service.dataDirectory, 'another pass phrase here\n')
      expect(again).toMatchObject({
        exitCode: 0,
        stdout: 'ada is already an administrator. Nothing was changed.\n',
      })
      expect((await signIn(service, 'ada')).status).toBe(200)
    },
    COMMAND_MILLISECONDS,
  )

  test(
    'runs many commands at once and gets one administrator [CF4]',
    async () => {
      const runs = await Promise.all(
        Array.from({ length: 6 }, () => createAdmin('grace', service.dataDirectory)),
      )
      expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0])
      expect(runs.filter(({ stdout }) => stdout.startsWith('Created'))).toHaveLength(1)
    },
    COMMAND_MILLISECONDS,
  )

  test('of fifty requests at once makes one administrator [CF4]', async () => {
    const token = readFileSync(join(service.dataDirectory, 'owner-token'), 'utf8')
    const body = { email: 'joan@example.com', username: 'joan', password: PASSWORD }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        send({ url: service.managementUrl }, 'POST', '/commands/admin-create', {
          body,
          bearer: token,
        }),
      ),
    )
    expect(answers.map(({ body: outcome }) => outcome.exitCode)).toEqual(Array(50).fill(0))
    expect(
      answers.filter(({ body: outcome }) => outcome.lines[0].startsWith('Created')),
    ).toHaveLength(1)
  })

  test('who registers first is no administrator [CF4]', async () => {
    expect((await register(service)).body.user.role).toBe('user')
  })

  test.each(['', '\n', '   \n', `\n${PASSWORD}\n`])(
    'gives an empty password (%j) and is refused [CF4]',
    async (stdin) => {
      const refused = await createAdmin('empty', service.dataDirectory, stdin)
      expect(refused).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: 'The password is empty. Nothing was changed.\n',
      })
    },
  )

  test('gets the reason why an administrator is refused, without the password', async () => {
    const weak = await createAdmin('weak', service.dataDirectory, 'canary\n')
    expect(weak).toMatchObject({ exitCode: 1, stdout: '' })
    expect(weak.stderr).toBe(
      'The administrator was not created. The password is too weak:\n  it must have at least 12 characters\n',
    )
    const odd = await runCommand(['admin', 'create', '--email', 'no', '--username', 'x'], {
      dataDirectory: service.dataDirectory,
      stdin: PASSWORD,
    })
    expect(odd.exitCode).toBe(1)
    expect(odd.stderr).toContain('  email: ')
    expect(odd.stderr).toContain('  username: ')
  })

  test(
    'rotates keys under traffic and no request fails: the next key signs, the old token counts [CF5]',
    async () => {
      const before = await kidsOf(service)
      const { user, tokens } = (await register(service)).body
      const statuses: number[] = []
      let isOver = false
      const traffic = [tokens.accessToken, null].map(async (bearer) => {
        while (!isOver) {
          const answer =
            bearer === null
              ? await signIn(service, user.username)
              : await send(service, 'GET', '/v1/users/me', { bearer })
          statuses.push(answer.status)
        }
      })
      const { dataDirectory } = service
      const rotated = await runCommand(['keys', 'rotate'], { dataDirectory })
      isOver = true
      await Promise.all(traffic)
      expect(rotated).toMatchObject({ exitCode: 0, stderr: '' })
      expect(statuses.length).toBeGreaterThan(10)
      expect(statuses.filter((status) => status !== 200)).toEqual([])
      const after = await kidsOf(service)
      expect([after.length, ...after.slice(0, 2)]).toEqual([3, ...before])
      const fresh = (await signIn(service, user.username)).body.tokens.accessToken
      expect(JSON.parse(atob(fresh.split('.')[0])).kid).toBe(before[1] ?? '')
    },
    COMMAND_MILLISECONDS,
  )

  test('cannot retire a key whose tokens may live', async () => {
    const refused = await runCommand(['keys', 'retire'], { dataDirectory: service.dataDirectory })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('are valid until')
    expect(await kidsOf(service)).toHaveLength(3)
  })

  test('finds the schema up to date', async () => {
    expect(await runCommand(['migrate'], { dataDirectory: service.dataDirectory })).toMatchObject({
      exitCode: 0,
      stdout: 'The schema is up to date.\n',
    })
  })

  test('gets ten checks and one verdict from the doctor', async () => {
    const examined = await runCommand(['doctor'], { dataDirectory: service.dataDirectory })
    expect(examined.stderr).toBe('')
    expect(examined.stdout.match(/^ ok {2}/gm)).toHaveLength(10)
    expect(examined.stdout).toEndWith('\nAll is well.\n')
    expect(examined.exitCode).toBe(0)
  })

  test.each([
    ['nothing', undefined],
    ['another token', 'A'.repeat(43)],
  ])('cannot run a command with %s as the token', async (_, bearer) => {
    const answer = await send({ url: service.managementUrl }, 'POST', '/commands/keys-rotate', {
      body: {},
      ...(bearer === undefined ? {} : { bearer }),
    })
    expect(answer.status).toBe(401)
  })

  test('cannot run a command on the public port', async () => {
    const bearer = readFileSync(join(service.dataDirectory, 'owner-token'), 'utf8')
    const answer = await send(service, 'POST', '/commands/migrate', { body: {}, bearer })
    expect(answer.status).toBe(404)
  })
})

describe('a command says which installation it asks,', () => {
  const list = ['dead-letters', 'list', '--json']

  test(
    'on standard error: the service that runs, data without a service, and a folder without data',
    async () => {
      const dataDirectory = newFolder()
      const fresh = await runCommand(list, { dataDirectory })
      expect(fresh).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
      expect(fresh.installation).toBe(
        `the folder ${dataDirectory}, which has no data yet; DATA_DIR or DATABASE_URL names another one`,
      )
      expect((await runCommand(list, { dataDirectory })).installation).toBe(
        `the data in ${dataDirectory}; no service is running on it`,
      )
      const service = await startService({ dataDirectory })
      const asked = await runCommand(list, { dataDirectory })
      expect(asked).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
      expect(asked.installation).toBe(
        `the service of process ${service.processId}, with its data in ${dataDirectory}`,
      )
      await service.stop()
    },
    COMMAND_MILLISECONDS,
  )
})

describe('without the service, the owner', () => {
  test(
    'migrates and makes an administrator before the first start, who then signs in [CF4]',
    async () => {
      const dataDirectory = newFolder()
      const migrated = await runCommand(['migrate'], { dataDirectory })
      expect(migrated).toMatchObject({ exitCode: 0, stderr: '' })
      expect(migrated.stdout).toContain('Applied 0001_')
      const made = await createAdmin('early', dataDirectory)
      expect(made).toMatchObject({ exitCode: 0, stderr: '' })
      const service = await startService({ dataDirectory })
      expect((await signIn(service, 'early')).body.user.role).toBe('admin')
      await service.stop()
    },
    COMMAND_MILLISECONDS,
  )

  test(
    'of several at once makes one administrator [CF4]',
    async () => {
      const dataDirectory = await preparedData()
      const runs = await Promise.all([1, 2, 3].map(() => createAdmin('once', dataDirectory)))
      expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
        [0, ''],
        [0, ''],
        [0, ''],
      ])
      expect(runs.filter(({ stdout }) => stdout.startsWith('Created'))).toHaveLength(1)
    },
    COMMAND_MILLISECONDS,
  )

  test(
    'rotates and retires keys, each by its own command',
    async () => {
      const dataDirectory = await preparedData()
      expect((await runCommand(['keys', 'retire'], { dataDirectory })).stdout).toContain(
        'No key is retired',
      )
      expect((await runCommand(['keys', 'rotate'], { dataDirectory })).stdout).toContain(
        'next key signs tokens now',
      )
      const keyFile = join(dataDirectory, 'keys.json')
      const keys = JSON.parse(readFileSync(keyFile, 'utf8'))
      writeFileSync(keyFile, JSON.stringify({ ...keys, rotatedAt: '2025-01-01T00:00:00.000Z' }))
      expect((await runCommand(['keys', 'retire'], { dataDirectory })).stdout).toContain(
        'Removed the retired keys',
      )
    },
    COMMAND_MILLISECONDS,
  )

  test(
    'gets ten checks from the doctor, which creates nothing',
    async () => {
      const dataDirectory = newFolder()
      const environment = { PORT: '0', MANAGEMENT_PORT: '0' }
      const examined = await runCommand(['doctor'], { dataDirectory, environment })
      expect(examined.stdout.match(/^ ok {2}/gm)).toHaveLength(10)
      expect(await Bun.file(join(dataDirectory, 'keys.json')).exists()).toBe(false)
    },
    COMMAND_MILLISECONDS,
  )

  test('gets the problems that the doctor finds', async () => {
    const environment = { LOG_LEVEL: 'loud', SHUTDOWN_SECONDS: 'soon' }
    const examined = await runCommand(['doctor'], { environment })
    expect(examined.exitCode).toBe(1)
    expect(examined.stderr).toContain('LOG_LEVEL must be one of')
    expect(examined.stderr).toContain('SHUTDOWN_SECONDS must be')
    expect(examined.stderr).toContain('of 10 checks failed')
  })
})

describe('keys of the environment', () => {
  const read = (stdout: string): Record<string, string> =>
    Object.fromEntries(
      [...stdout.matchAll(/^(\w+)='(.+)'$/gm)].map(([, name = '', value = '']) => [name, value]),
    )

  test(
    'are generated, accepted, rotated and retired by printing them',
    async () => {
      const generated = await runCommand(['keys', 'generate'])
      expect(generated.exitCode).toBe(0)
      const keys = read(generated.stdout)
      expect(Object.keys(keys)).toEqual(['JWT_KEYS', 'REFRESH_KEY', 'BACKEND_SYNC_SECRET'])
      const rotated = read((await runCommand(['keys', 'rotate'], { environment: keys })).stdout)
      const statuses = (text = '') =>
        JSON.parse(text).keys.map(({ status }: { readonly status: string }) => status)
      expect(statuses(keys['JWT_KEYS'])).toEqual(['active', 'next'])
      expect(statuses(rotated['JWT_KEYS'])).toEqual(['retired', 'active', 'next'])
      const retired = read((await runCommand(['keys', 'retire'], { environment: rotated })).stdout)
      expect(statuses(retired['JWT_KEYS'])).toEqual(['active', 'next'])
    },
    COMMAND_MILLISECONDS,
  )

  test(
    'are written to a new file that only their owner can read, and read from there',
    async () => {
      const folder = temporaryFolder()
      const [first, second, third] = ['a.env', 'b.env', 'c.env'].map((name) => join(folder, name))
      const write = (words: string, file = '', environment: Record<string, string> = {}) =>
        runCommand([...words.split(' '), '--out', file], { environment })
      const generated = await write('keys generate', first)
      expect(generated).toMatchObject({ exitCode: 0, stderr: '' })
      expect(generated.stdout).not.toContain('JWT_KEYS=')
      expect(generated.stdout).toContain(`JWT_KEYS_FILE=${first} REFRESH_KEY_FILE=${first}`)
      expect(statSync(first ?? '').mode & 0o777).toBe(0o600)
      const keys = readFileSync(first ?? '', 'utf8')
      expect(Object.keys(read(keys))).toEqual(['JWT_KEYS', 'REFRESH_KEY', 'BACKEND_SYNC_SECRET'])

      const again = await write('keys generate', first)
      expect(again).toMatchObject({ exitCode: 1, stdout: '' })
      expect(again.stderr).toContain('exists already. Nothing was written')
      expect(readFileSync(first ?? '', 'utf8')).toBe(keys)

      const rotated = await write('keys rotate', second, { JWT_KEYS_FILE: first ?? '' })
      expect(rotated).toMatchObject({ exitCode: 0, stderr: '' })
      expect(Object.keys(read(readFileSync(second ?? '', 'utf8')))).toEqual(['JWT_KEYS'])
      const retired = await write('keys retire', third, { JWT_KEYS_FILE: second ?? '' })
      expect(retired).toMatchObject({ exitCode: 0, stderr: '' })

      const nowhere = await write('keys generate', join(folder, 'none', 'keys.env'))
      expect(nowhere).toMatchObject({ exitCode: 1, stdout: '' })
      expect(nowhere.stderr).toContain('cannot be written (ENOENT). Nothing was written')
    },
    COMMAND_MILLISECONDS * 3,
  )

  test('that the service keeps itself are not written elsewhere', async () => {
    const dataDirectory = join(temporaryFolder(), 'data')
    const file = join(temporaryFolder(), 'keys.env')
    const refused = await runCommand(['keys', 'rotate', '--out', file], { dataDirectory })
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toContain('--out needs JWT_KEYS or JWT_KEYS_FILE')
    expect(existsSync(file)).toBe(false)
  })

  test('that are wrong are refused by name without being printed', async () => {
    const refused = await runCommand(['keys', 'rotate'], { environment: { JWT_KEYS: 'canary' } })
    expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
    expect(refused.stderr).toStartWith('JWT_KEYS ')
    expect(refused.stderr).not.toContain('canary')
  })
})

describe('a command line that makes no sense', () => {
  test('ends with 64, and with the nearest command in the last line of standard error', async () => {
    expect(await runCommand(['keys', 'rotat'])).toMatchObject({
      exitCode: 64,
      stdout: '',
      stderr: "See auth keys --help.\nauth keys: unknown command 'rotat' (Did you mean rotate?)\n",
      installation: null,
    })
  })

  test('in help ends with 0 and the usage on standard output', async () => {
    expect(await runCommand(['help'])).toMatchObject({ exitCode: 0, stderr: '' })
  })
})
