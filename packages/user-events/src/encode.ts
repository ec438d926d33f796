import { encodeVersion1 } from './encode-version-1.ts'
import { encodeVersion2 } from './encode-version-2.ts'
import type { Envelope, UserChange } from './envelope.ts'
import type { SchemaVersion } from './subjects.ts'
import type { WireMessage } from './wire-message.ts'

const ENCODERS = { 1: encodeVersion1, 2: encodeVersion2 } as const

/** The message of a change as this version of the contract has it: what the service itself publishes, byte for byte. */
export const encode = (
  change: UserChange,
  envelope: Envelope,
  version: SchemaVersion,
): WireMessage => ENCODERS[version](change, envelope)
