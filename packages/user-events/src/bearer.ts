export { KeysUnavailable } from './bearer/remote-keys.ts'
export type {
  Bearer,
  BearerRefusal,
  BearerVerdict,
  VerifyBearer,
  VerifyBearerOptions,
} from './bearer/verify-bearer.ts'
export { makeVerifyBearer } from './bearer/verify-bearer.ts'
