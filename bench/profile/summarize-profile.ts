import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The parts of a .cpuprofile that are read here. V8 defined the format, and Bun writes it with `--cpu-prof`. */
export type CpuProfile = {
  readonly nodes: readonly ProfileNode[]
  /** Microseconds since 1970. */
  readonly startTime: number
  /** The node of each sample. */
  readonly samples: readonly number[]
  /** Microseconds from the sample before, or from the start. */
  readonly timeDeltas: readonly number[]
}

type ProfileNode = {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    /** The first line is 0. */
    readonly lineNumber: number
  }
  readonly children?: readonly number[]
}

/** A part of the program, with its share of all samples. */
export type Part = {
  readonly name: string
  /** From 0 to 1. It includes native code that the part calls. */
  readonly share: number
  /** The share of the native code alone. */
  readonly nativeShare: number
}

export type ProfileSummary = {
  /** How many samples were taken. A sample is taken about every millisecond while JavaScript runs. */
  readonly samples: number
  /** Packages, folders of our own code, and the runtime, the dearest first. */
  readonly parts: readonly Part[]
  /** Functions, the dearest first. */
  readonly functions: readonly Omit<Part, 'nativeShare'>[]
}

/** An interval of time, in milliseconds since 1970. */
export type Interval = { readonly from: number; readonly until: number }

const RUNTIME = 'the runtime itself'

/**
 * Divides the samples of an interval among parts of the program. A sample in native code or in the runtime counts for the
 * package or the folder that called it, because only there can something be done about it.
 * @param root The folder of the repository.
 */
export const summarizeProfile = (
  profile: CpuProfile,
  { from, until }: Interval,
  root: string,
): ProfileSummary => {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  )
  const ownerOf = (node: ProfileNode | undefined): string => {
    if (node === undefined) return RUNTIME
    return partAt(node.callFrame.url, root) ?? ownerOf(parents.get(node.id))
  }
  const parts = makeCounts()
  const native = makeCounts()
  const functions = makeCounts()
  let at = profile.startTime
  profile.samples.forEach((id, index) => {
    at += profile.timeDeltas[index] ?? 0
    const node = nodes.get(id)
    if (node === undefined || at < from * 1000 || at >= until * 1000) return
    const owner = ownerOf(node)
    const isNative = partAt(node.callFrame.url, root) === null
    parts.add(owner)
    if (isNative) native.add(owner)
    functions.add(functionName(node, isNative ? owner : null, root))
  })
  return {
    samples: parts.total(),
    parts: parts
      .shares()
      .map(({ name, share }) => ({ name, share, nativeShare: native.count(name) / parts.total() })),
    functions: functions.shares(),
  }
}

const makeCounts = () => {
  const counts = new Map<string, number>()
  const total = (): number => [...counts.values()].reduce((sum, one) => sum + one, 0)
  return {
    add: (name: string): void => {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    count: (name: string): number => counts.get(name) ?? 0,
    total,
    shares: () => {
      const all = total()
      return [...counts]
        .map(([name, count]) => ({ name, share: count / all }))
        .toSorted((a, b) => b.share - a.share)
    },
  }
}

const PACKAGES = 'node_modules/'

/** The package or the folder of a file. Null for native code and the runtime. */
const partAt = (url: string, root: string): string | null => {
  if (!url.startsWith('file:')) return null
  const path = pathAt(url, root)
  const at = path.lastIndexOf(PACKAGES)
  if (at !== -1) {
    const [scope = '', name = ''] = path.slice(at + PACKAGES.length).split('/')
    return scope.startsWith('@') ? `${scope}/${name}` : scope
  }
  const folders = dirname(path).split('/')
  // src/<layer>/<room>, and src/adapters/<adapter>/<room>.
  return folders.slice(0, folders[1] === 'adapters' ? 4 : 3).join('/')
}

const pathAt = (url: string, root: string): string =>
  relative(root, fileURLToPath(url)).replaceAll(sep, '/')

const functionName = (
  { callFrame: { functionName: name, url, lineNumber } }: ProfileNode,
  caller: string | null,
  root: string,
): string => {
  const named = name === '' ? 'a function without a name' : name
  if (caller !== null) return `${named}, native${caller === RUNTIME ? '' : `, called by ${caller}`}`
  const path = pathAt(url, root)
  const at = path.lastIndexOf(PACKAGES)
  return `${named}, ${at === -1 ? path : path.slice(at + PACKAGES.length)}:${lineNumber + 1}`
}
