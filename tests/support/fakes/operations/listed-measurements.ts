import type { Measurements } from '../../../../src/adapters/telemetry/metrics.ts'

export type ListedMeasurements = Measurements & {
  /** How often something was reported, like `signIn ok`. */
  readonly count: (what: string) => number
}

/** Measurements that a test can read. */
export const listedMeasurements = (): ListedMeasurements => {
  const reported: string[] = []
  return {
    signIn: (result) => reported.push(`signIn ${result}`),
    registration: (result) => reported.push(`registration ${result}`),
    refresh: (result) => reported.push(`refresh ${result}`),
    providerReturn: (provider, outcome) => reported.push(`providerReturn ${provider} ${outcome}`),
    codeExchange: (result) => reported.push(`codeExchange ${result}`),
    limited: (budget) => reported.push(`limited ${budget}`),
    limitsShared: (areShared) => reported.push(`limitsShared ${areShared}`),
    delivered: (channel) => reported.push(`delivered ${channel}`),
    deliveryFailed: (channel, kind) => reported.push(`deliveryFailed ${channel} ${kind}`),
    fenced: (channel) => reported.push(`fenced ${channel}`),
    leases: (held, gained) => reported.push(`leases ${held} ${gained}`),
    syncMode: ({ mode }) => reported.push(`syncMode ${mode}`),
    guard: (breaches, isStuck) => reported.push(`guard ${breaches} ${isStuck}`),
    count: (what) => reported.filter((name) => name === what).length,
  }
}
