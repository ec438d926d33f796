import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = `auth-service-test-${process.pid}-`

/** A folder of its own under the system's, gone when the test run ends. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), PREFIX))

export const removeTemporaryFolders = (): void => {
  for (const name of readdirSync(tmpdir()))
    if (name.startsWith(PREFIX)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
}
