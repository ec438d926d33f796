import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../../scripts/repository.ts'
import { spawnProcess } from '../native/spawn-process.ts'
import { temporaryFolder } from '../test-run/temporary-folder.ts'

let built: Promise<string> | null = null

/** What `bun run build` makes of the sources as they are, this process's own: another file may build at the same time. */
export const givenBundle = (): Promise<string> => {
  built ??= build()
  return built
}

const build = async (): Promise<string> => {
  const folder = temporaryFolder()
  const dist = join(folder, 'dist')
  // Node looks for packages beside the folder.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const command = [process.execPath, join(ROOT, 'scripts/build/build-service.ts'), dist]
  const { exitCode, stdout, stderr } = await spawnProcess(command, {}).ended()
  if (exitCode !== 0) throw new Error(`the build failed: ${stdout}${stderr}`)
  return dist
}
