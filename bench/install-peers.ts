import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../scripts/repository.ts'

export const PEERS = 'bench/peers'

/** What is measured beside has packages of its own; nothing happens where they are there. */
export const installPeers = (): void => {
  const cwd = join(ROOT, PEERS)
  execFileSync(process.execPath, ['install', '--frozen-lockfile'], { cwd, stdio: 'ignore' })
}
