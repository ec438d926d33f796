import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../../../scripts/repository.ts'

const FOLDER = join(ROOT, 'node_modules', '.cache', 'test-servers', 'prometheus')

/**
 * The program that checks alarms: on the PATH, or out of Debian's package, which is only unpacked: installed, it would start
 * a server.
 */
export const findPromtool = async (): Promise<string> => {
  const path = Bun.which('promtool') ?? join(FOLDER, 'usr/bin/promtool')
  if (!existsSync(path)) await unpack()
  if (existsSync(path)) return path
  throw new Error(
    'promtool is needed for this test: install Prometheus, on Debian the package prometheus',
  )
}

const unpack = async (): Promise<void> => {
  mkdirSync(FOLDER, { recursive: true })
  // As root apt would download as somebody who cannot write here.
  const download = ['download', '-o', 'APT::Sandbox::User=root', 'prometheus']
  if (!(await succeeds('apt-get', download))) {
    await succeeds('apt-get', ['update', '--quiet'])
    await succeeds('apt-get', download)
  }
  const file = readdirSync(FOLDER).find((name) => name.endsWith('.deb'))
  if (file !== undefined) await succeeds('dpkg-deb', ['-x', file, '.'])
}

const succeeds = async (program: string, args: readonly string[]): Promise<boolean> => {
  try {
    await promisify(execFile)(program, args, { cwd: FOLDER })
    return true
  } catch {
    return false
  }
}
