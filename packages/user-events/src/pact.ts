export type { ContractOptions, Expectation, UserEventContract } from './pact-contract.ts'
export { openUserEventContract } from './pact-contract.ts'
export type { ProviderState } from './pact-samples.ts'
