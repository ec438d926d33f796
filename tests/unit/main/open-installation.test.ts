import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSigningKeys, writeSigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import type { Config } from '../../../src/main/config/config.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import { makeRefreshKey } from '../../../src/main/config/keys.ts'
import type { OpenInstallation } from '../../../src/main/lifecycle/open-installation.ts'
import { openInstallation } from '../../../src/main/lifecycle/open-installation.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

const configOf = (variables: Readonly<Record<string, string>>): Config => {
  const reading = readConfig(variables, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join())
  return reading.config
}

const open = async (variables: Readonly<Record<string, string>>): Promise<OpenInstallation> => {
  const opened = await openInstallation(configOf(variables))
  if (!opened.ok) throw new Error(opened.refusal.lines.join())
  return opened.value
}

const newFolder = () => join(temporaryFolder(), 'data')
const given = () => ({
  JWT_KEYS: writeSigningKeys(generateSigningKeys()),
  REFRESH_KEY: makeRefreshKey(),
})
const kids = ({ installation }: OpenInstallation) => installation.signingKeys.map(({ kid }) => kid)
const refreshSecrets = ({ installation }: OpenInstallation) =>
  installation.refreshKeys.map(({ secret }) => secret.reveal())

describe('an installation', () => {
  test('keeps the keys that its first start made', async () => {
    const folder = newFolder()
    const first = await open({ DATA_DIR: folder })
    await first.release()
    const second = await open({ DATA_DIR: folder })
    await second.release()
    expect([first.generatedKeys, second.generatedKeys]).toEqual([true, false])
    expect(kids(second)).toEqual(kids(first))
    expect(refreshSecrets(second)).toEqual(refreshSecrets(first))
  })

  test('takes given keys and then makes and keeps none', async () => {
    const folder = newFolder()
    const keys = given()
    const opened = await open({ DATA_DIR: folder, ...keys })
    await opened.release()
    expect(opened.generatedKeys).toBe(false)
    expect(opened.installation.keyFile).toBeNull()
    expect(refreshSecrets(opened)).toEqual([
      keys.REFRESH_KEY.slice(keys.REFRESH_KEY.indexOf(':') + 1),
    ])
    expect(existsSync(join(folder, 'keys.json'))).toBe(false)
  })

  test('makes the keys that are missing when only some are given', async () => {
    const opened = await open({ DATA_DIR: newFolder(), REFRESH_KEY: given().REFRESH_KEY })
    await opened.release()
    expect(opened.generatedKeys).toBe(true)
    expect(opened.installation.keyFile).not.toBeNull()
  })

  test('stores changed keys for the next start', async () => {
    const folder = newFolder()
    const opened = await open({ DATA_DIR: folder })
    const own = await opened.installation.keyFile?.read()
    if (own === undefined) throw new Error('no keys')
    const signingKeys = generateSigningKeys()
    await opened.installation.keyFile?.write({ ...own, signingKeys })
    await opened.release()
    const next = await open({ DATA_DIR: folder })
    await next.release()
    expect(kids(next)).toEqual(signingKeys.map(({ kid }) => kid))
    expect(refreshSecrets(next)).toEqual(refreshSecrets(opened))
  })

  test('in memory has no folder, no token and no lock', async () => {
    const one = await open({ DATA_DIR: 'memory:' })
    const other = await open({ DATA_DIR: 'memory:' })
    expect(one.installation).toMatchObject({
      databasePath: 'memory:',
      keyFile: null,
      ownerToken: null,
    })
    expect(kids(other)).not.toEqual(kids(one))
    await Promise.all([one.announce(1), one.release()])
  })

  test('that another process has locked is refused with 75, and names that process', async () => {
    const folder = newFolder()
    const first = await open({ DATA_DIR: folder })
    await first.announce(3001)
    const refused = await openInstallation(configOf({ DATA_DIR: folder }))
    await first.release()
    expect(refused).toEqual({
      ok: false,
      refusal: {
        exitCode: 75,
        lines: [
          `The data directory ${folder} is in use by process ${process.pid}, management port 3001. Stop that process, or set DATA_DIR to another folder.`,
        ],
      },
    })
  })

  test('that cannot be written is refused with 73', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const refused = await openInstallation(configOf({ DATA_DIR: join(file, 'data') }))
    expect(refused).toMatchObject({ ok: false, refusal: { exitCode: 73 } })
  })

  test.each([
    ['cut off', '{"signingKeys":{"keys":['],
    ['empty', ''],
    ['of another shape', '[]'],
    ['without a refresh key', JSON.stringify({ signingKeys: JSON.parse(given().JWT_KEYS) })],
    [
      'with a weak refresh key',
      JSON.stringify({ signingKeys: JSON.parse(given().JWT_KEYS), refreshKey: 'a:b' }),
    ],
  ])('with a key file %s is refused with 65, and left and released', async (_, content) => {
    const folder = newFolder()
    await (await open({ DATA_DIR: folder })).release()
    const keyFile = join(folder, 'keys.json')
    writeFileSync(keyFile, content)
    for (const _round of [1, 2])
      expect(await openInstallation(configOf({ DATA_DIR: folder }))).toMatchObject({
        ok: false,
        refusal: { exitCode: 65 },
      })
    expect(readFileSync(keyFile, 'utf8')).toBe(content)
  })
})
