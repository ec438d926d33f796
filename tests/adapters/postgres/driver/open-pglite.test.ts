import { expect, spyOn, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { migrate, schemaState } from '../../../../src/adapters/postgres/driver/migrate.ts'
import {
  openPglite,
  UnwritableFiles,
} from '../../../../src/adapters/postgres/driver/open-pglite.ts'
import { storedUser } from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'

test('the data in a folder is there when it is opened again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'auth-service-test-'))
  try {
    const first = await openPglite(join(folder, 'database'))
    await migrate(first)
    const user = await storedUser(givenStores(first))
    await first.close()

    const second = await openPglite(join(folder, 'database'))
    expect(await schemaState(second)).toBe('current')
    expect(await givenStores(second).stores.users.find(user.id)).toEqual(user)
    await second.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 60_000)

test.each([
  [51, 'ENOSPC'],
  [2, 'EACCES'],
])(
  'a disk that cannot be written (WASI error %d) is a fault with the code %s',
  async (errno, code) => {
    const creating = spyOn(PGlite, 'create').mockRejectedValue({ name: 'ErrnoError', errno })
    try {
      const opening = openPglite('somewhere')
      await expect(opening).rejects.toBeInstanceOf(UnwritableFiles)
      await expect(opening).rejects.toMatchObject({ code })
    } finally {
      creating.mockRestore()
    }
  },
)
