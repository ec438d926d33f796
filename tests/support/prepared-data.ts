import { cpSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { runFolder } from './servers/run-folder.ts'
import { startService } from './start-service.ts'
import { temporaryFolder } from './temporary-folder.ts'

let prepared: Promise<void> | null = null

/** A data directory of its own as an earlier start left it, so that a test need not wait for a first one. */
export const preparedData = async (): Promise<string> => {
  const template = join(runFolder(), 'prepared-data')
  prepared ??= prepare(template)
  await prepared
  const folder = join(temporaryFolder(), 'data')
  cpSync(template, folder, { recursive: true })
  return folder
}

/** Once for all processes of a run: a first start keeps a core busy for three seconds. */
const prepare = async (template: string): Promise<void> => {
  if (existsSync(template)) return
  const service = await startService()
  await service.stop()
  try {
    renameSync(service.dataDirectory, template)
  } catch (fault) {
    // Another process was quicker.
    if (!existsSync(template)) throw fault
  }
}
