import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../test-run/temporary-folder.ts'
import { keepFirst, runFolder } from '../test-run/test-run.ts'
import type { Service, StartOptions } from './start-service.ts'
import { startService } from './start-service.ts'

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

/** Starts the service on such a directory; options as of `startService`. */
export const startPreparedService = async (
  options: Omit<StartOptions, 'dataDirectory'> = {},
): Promise<Service> => startService({ ...options, dataDirectory: await preparedData() })

/** Once for all processes of a run: a first start keeps a core busy for three seconds. */
const prepare = async (template: string): Promise<void> => {
  if (existsSync(template)) return
  const service = await startService()
  await service.stop()
  keepFirst(service.dataDirectory, template)
}
