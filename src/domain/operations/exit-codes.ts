/** The codes that the process ends with, after sysexits.h where it has a name for one. */
export const EXIT = {
  ok: 0,
  /** A command was refused, or a stop took longer than SHUTDOWN_SECONDS. */
  failed: 1,
  /** EX_USAGE: the command line cannot be understood. */
  usage: 64,
  /** EX_DATAERR: the data was written by another version, or is damaged. */
  unreadableData: 65,
  /** EX_UNAVAILABLE: a port is taken, or a server that is needed does not answer. */
  unavailable: 69,
  /** EX_SOFTWARE: a fault. */
  fault: 70,
  /** EX_CANTCREAT: the data directory cannot be written. */
  unwritable: 73,
  /** EX_TEMPFAIL: another process uses the data directory. */
  locked: 75,
  /** EX_CONFIG: the configuration is wrong. */
  configuration: 78,
} as const

/** The code of a process that a second signal ended. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const

/** Why the process ends before it did anything: the lines to print, and the exit code. */
export type Refusal = { readonly exitCode: number; readonly lines: readonly string[] }
