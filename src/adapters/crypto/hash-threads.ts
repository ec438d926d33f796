import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Linux shows threads that compute hashes under these names: those of Bun's pool, and of libuv's in later releases of Node. */
const NAMES = /^(?:Bun Pool|libuv-worker)/
const THREADS = '/proc/self/task'
/** A thread with this niceness gets a tenth of the time of one with the usual 0, when both want the same core. */
const NICENESS = 10

/**
 * Lets the threads that compute hashes give way to the event loop, and to servers on the same machine. Each hash uses a core for
 * several milliseconds, so in overload everything else would wait for them. It works on Linux; elsewhere nothing changes.
 */
export const makeHashThreadsGiveWay = (): void => {
  try {
    for (const thread of readdirSync(THREADS))
      if (NAMES.test(readFileSync(`${THREADS}/${thread}/comm`, 'utf8')))
        setPriority(Number(thread), NICENESS)
  } catch {
    // There is no such folder, or the thread has ended.
  }
}
