import { execFileSync } from 'node:child_process'
import { ROOT, readFrom } from '../repository.ts'

/** A text that reveals something about the machine it was written on, and where it stands. */
export type Trace = { readonly path: string; readonly line: number; readonly found: string }

const MACHINE_FOLDERS = ['home', 'root', 'Users', 'work', 'workspace', 'workspaces', 'tmp']
/** An absolute path that exists on the author's machine only. */
const MACHINE_PATH = new RegExp(`(?<![\\w.~/}-])/(?:${MACHINE_FOLDERS.join('|')})/[\\w.-]+`, 'g')
/** The host of a package registry. Each machine sets its own registry, so none is named here. */
const REGISTRY_HOST = /\b(?:registry|npm|pypi|artifactory|nexus|verdaccio)\.[\w-]+\.[a-z]{2,}/gi
const URL_PATTERN = /\b(?:https?|git\+ssh|git):\/\/[^\s"]+/g

/** Finds machine paths and registry hosts in a text. In `bun.lock` it finds every URL too. */
export const tracesIn = (path: string, text: string): Trace[] => {
  const patterns = path.endsWith('bun.lock')
    ? [MACHINE_PATH, REGISTRY_HOST, URL_PATTERN]
    : [MACHINE_PATH, REGISTRY_HOST]
  return text
    .split('\n')
    .flatMap((content, index) =>
      patterns.flatMap((pattern) =>
        [...content.matchAll(pattern)].map(([found]) => ({ path, line: index + 1, found })),
      ),
    )
}

const trackedFiles = (): string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')

const tracesInRepository = async (): Promise<Trace[]> => {
  const found = await Promise.all(
    trackedFiles().map(async (path) => tracesIn(path, await readFrom(path).catch(() => ''))),
  )
  return found.flat()
}

if (import.meta.main) {
  const traces = await tracesInRepository()
  for (const { path, line, found } of traces) console.error(`${path}:${line}: ${found}`)
  process.exitCode = traces.length === 0 ? 0 : 1
}
