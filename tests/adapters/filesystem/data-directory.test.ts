import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataDirectory } from '../../../src/adapters/filesystem/data-directory.ts'
import { findOwner, takeDataDirectory } from '../../../src/adapters/filesystem/data-directory.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

let root: string
let folder: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'auth-test-'))
  folder = join(root, 'data')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const take = async (): Promise<DataDirectory> => {
  const taken = await takeDataDirectory(folder)
  if (!taken.ok) throw new Error(`not taken: ${JSON.stringify(taken.refusal)}`)
  return taken.value
}

const modeOf = (path: string) => statSync(path).mode & 0o777
const locks = () => readdirSync(folder).filter((name) => name.startsWith('lock.'))
const writeLock = (content: string, name = 'lock.1') => writeFileSync(join(folder, name), content)

describe('a data directory', () => {
  test('is readable for its owner only, with everything in it', async () => {
    const directory = await take()
    await directory.writePrivate('keys.json', '{}')
    expect(modeOf(folder)).toBe(0o700)
    expect(modeOf(directory.databasePath)).toBe(0o700)
    for (const name of [...locks(), 'owner-token', 'keys.json'])
      expect(modeOf(join(folder, name))).toBe(0o600)
  })

  test('that is locked refuses the next process and names its owner', async () => {
    const directory = await take()
    const early = await takeDataDirectory(folder)
    await directory.announce(4711)
    const late = await takeDataDirectory(folder)
    const locked = { kind: 'locked', processId: process.pid } as const
    expect(early).toEqual({ ok: false, refusal: { ...locked, managementPort: null } })
    expect(late).toEqual({ ok: false, refusal: { ...locked, managementPort: 4711 } })
  })

  test('keeps the token of its owner when it refuses another process', async () => {
    const directory = await take()
    await takeDataDirectory(folder)
    expect(await findOwner(folder)).toMatchObject({ token: directory.ownerToken })
  })

  test('can be taken again after its release, with a new token', async () => {
    const first = await take()
    await first.release()
    expect(await findOwner(folder)).toBeNull()
    const second = await take()
    expect(second.ownerToken).not.toBe(first.ownerToken)
    expect(locks()).toHaveLength(1)
  })

  test('is locked by exactly one of many that try at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => takeDataDirectory(folder)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
    expect(locks()).toHaveLength(1)
  })

  test('is locked by exactly one of many that find a stale lock', async () => {
    const first = await take()
    await first.release()
    writeLock(JSON.stringify({ processId: 1, startedAtTick: '0', managementPort: 3001 }), 'lock.7')
    const all = await Promise.all(Array.from({ length: 20 }, () => takeDataDirectory(folder)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
    expect(locks()).toEqual(['lock.8'])
  })

  test('stores private files, and answers null for a missing one', async () => {
    const directory = await take()
    await directory.writePrivate('keys.json', 'one')
    await directory.writePrivate('keys.json', 'two')
    expect(await directory.readPrivate('keys.json')).toBe('two')
    expect(await directory.readPrivate('other.json')).toBeNull()
    expect(readdirSync(folder).toSorted()).toEqual([
      'database',
      'keys.json',
      'lock.1',
      'owner-token',
    ])
  })
})

describe('a stale lock', () => {
  beforeEach(async () => (await take()).release())

  test.each([
    ['by a process that is gone', JSON.stringify({ processId: 2 ** 22 + 1, startedAtTick: '5' })],
    [
      'by another process of a number that lives',
      JSON.stringify({ processId: process.pid, startedAtTick: '5' }),
    ],
    ['in the middle of a word', '{"processId":1'],
    ['empty', ''],
    ['as something else', '"lock"'],
  ])('%s does not block another process', async (_, content) => {
    writeLock(content)
    expect((await takeDataDirectory(folder)).ok).toBe(true)
  })

  test('of a killed process that is a zombie does not block another process', async () => {
    // `sleep` never waits for a child, so the killed one is not reaped. The shell would reap it, so it has to be gone first.
    const parent = Bun.spawn(['sh', '-c', 'sleep 60 & echo $!; exec sleep 60'], { stdout: 'pipe' })
    const reader = parent.stdout.getReader()
    const child = Number(new TextDecoder().decode((await reader.read()).value).trim())
    await eventually('the shell has become a sleep', 5, () =>
      expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim()).toBe('sleep'),
    )
    const tick = readFileSync(`/proc/${child}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
    writeLock(JSON.stringify({ processId: child, startedAtTick: tick }))
    process.kill(child, 'SIGKILL')
    await eventually('a zombie', 5, () =>
      expect(readFileSync(`/proc/${child}/stat`, 'utf8')).toContain(') Z '),
    )
    expect((await takeDataDirectory(folder)).ok).toBe(true)
    parent.kill('SIGKILL')
    await parent.exited
  })

  test('of a live process blocks another process', async () => {
    const other = Bun.spawn(['sleep', '60'])
    const tick =
      readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
    writeLock(JSON.stringify({ processId: other.pid, startedAtTick: tick, managementPort: 99 }))
    const refused = await takeDataDirectory(folder)
    expect(refused).toEqual({
      ok: false,
      refusal: { kind: 'locked', processId: other.pid, managementPort: 99 },
    })
    other.kill('SIGKILL')
    await other.exited
    expect((await takeDataDirectory(folder)).ok).toBe(true)
  })
})

describe('a folder that cannot be used', () => {
  test('under a file is refused with the reason', async () => {
    writeFileSync(join(root, 'file'), 'x')
    const refused = await takeDataDirectory(join(root, 'file', 'data'))
    expect(refused).toEqual({ ok: false, refusal: { kind: 'unwritable', reason: 'ENOTDIR' } })
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('x')
  })

  test('without write permission is refused with the reason', async () => {
    const refused = await takeDataDirectory('/proc/auth-test')
    expect(refused).toMatchObject({ ok: false, refusal: { kind: 'unwritable' } })
  })

  test('has no owner', async () => {
    expect(await findOwner(join(root, 'nothing', 'here'))).toBeNull()
  })

  test('keeps the permissions that it had before', async () => {
    await (await take()).release()
    chmodSync(folder, 0o750)
    await take()
    expect(modeOf(folder)).toBe(0o750)
  })
})
