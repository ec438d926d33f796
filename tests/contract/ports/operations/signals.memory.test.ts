import { makeInProcessSignals } from '../../../../src/adapters/memory/in-process-signals.ts'
import { signalsContract } from './signals.contract.ts'

signalsContract('memory', async () => makeInProcessSignals())
