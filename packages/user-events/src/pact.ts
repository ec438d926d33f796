export type { EventChanges } from './pact/recorded-reads.ts'
export type { ProviderState } from './pact/samples.ts'
export type { ContractOptions, Expectation, UserEventContract } from './pact/user-event-contract.ts'
export { openUserEventContract } from './pact/user-event-contract.ts'
